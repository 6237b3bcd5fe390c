"""Violations of the schemas of the admin API."""

from collections.abc import Sequence

from mockserver.errors import AdminRequestInvalid, Violation


def raise_invalid(violations: Sequence[Violation]) -> None:
    """Report violations, if there are any.

    Raises:
        AdminRequestInvalid: with all violations.
    """
    if violations:
        detail = "; ".join(map(str, violations))
        members = [violation.as_json() for violation in violations]
        raise AdminRequestInvalid(detail, {"violations": members})
