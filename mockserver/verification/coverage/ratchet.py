"""Compare a coverage with an earlier one."""

from mockserver.verification.coverage.model import Coverage, ReportItem


def lost_items(earlier: Coverage, coverage: Coverage) -> list[ReportItem]:
    """Return the items that were served in `earlier` and are not in `coverage`.

    Only items of both contracts are compared. Exclusions are left out.
    """
    before = {item.id for item in earlier.items if item.covered}
    return [item for item in coverage.items if item.is_gap and item.id in before]
