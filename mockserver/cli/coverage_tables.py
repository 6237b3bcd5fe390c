"""The coverage of a contract as text for a terminal."""

from collections.abc import Collection, Iterator, Sequence

from mockserver.cli.tables import columns
from mockserver.cli.terminal_text import printable
from mockserver.contract.coverage.summary import called_items
from mockserver.verification.coverage.matrix import (
    COLUMNS,
    OperationRow,
    counted,
    denominators,
    excluded_items,
    operation_rows,
)
from mockserver.verification.coverage.model import Coverage
from mockserver.verification.coverage.reasons import way_to_reach


def text(coverage: Coverage, _created: float) -> str:
    """Return the denominators, a table of the operations, the exclusions and the gaps."""
    rows = operation_rows(coverage)
    lines = [*denominator_lines(coverage), "", *_operation_lines(rows)]
    lines += _exclusion_lines(coverage)
    called = {item.id for item in called_items(coverage.items)}
    for row in rows:
        lines += _gap_lines(row, called)
    return "".join(f"{printable(line)}\n" for line in lines)


def denominator_lines(coverage: Coverage) -> Iterator[str]:
    """Yield a line for each of the three denominators."""
    rows = [("served", "of", "share", "")]
    for title, count in denominators(coverage):
        rows.append((str(count.served), str(count.items), count.percent, title))
    yield from columns(rows)


def _operation_lines(rows: Sequence[OperationRow]) -> Iterator[str]:
    """Yield the table of the operations: how many items of each kind were served."""
    cells = [("operation", "called", *COLUMNS.values())]
    for row in rows:
        if row.operation:
            called = "yes" if row.called else "no"
            cells.append((row.operation, called, *map(str, row.counts)))
    yield from columns(cells)


def _exclusion_lines(coverage: Coverage) -> Iterator[str]:
    items = excluded_items(coverage)
    if items:
        yield ""
        yield "excluded by coverage.yaml:"
        yield from columns([(f"  {item.id}", item.excluded or "") for item in items])


def _gap_lines(row: OperationRow, called: Collection[str]) -> Iterator[str]:
    """Yield what was not served, and how to reach it; only a number if it was not called."""
    if not row.gaps:
        return
    yield ""
    title = "scenarios"
    if row.operation:
        title = f"{row.operation} ({row.label})"
    gaps = [gap for gap in row.gaps if gap.id in called]
    others = len(row.gaps) - len(gaps)
    if not gaps:
        yield f"{title}: not called, {counted(others)} not served"
        return
    yield f"{title}: {counted(len(row.gaps))} not served"
    cells = []
    for gap in gaps:
        name = gap.id.removeprefix(f"{row.operation} ")
        cells.append((f"  {name}", way_to_reach(gap)))
    yield from columns(cells)
    if others:
        yield f"  {counted(others)} of operations that were not called"
