"""Violations of the schemas of the admin API."""

from collections.abc import Sequence

from mockserver.errors import AdminRequestInvalid, Violation


def raise_invalid(violations: Sequence[Violation]) -> None:
    """Raise `AdminRequestInvalid` for these violations; do nothing if there are none."""
    if violations:
        detail = "; ".join(map(str, violations))
        raise AdminRequestInvalid(
            detail, {"violations": [violation.as_json() for violation in violations]}
        )
