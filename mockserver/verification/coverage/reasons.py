"""Why an item was not served, and how to reach it, as one line."""

from mockserver.verification.coverage.model import ReportItem


def way_to_reach(item: ReportItem) -> str:
    """Return how to reach an item, or why there is no way."""
    return item.closed_by or item.why_not or "no request is known that reaches it"


def reason_not_served(item: ReportItem) -> str:
    """Return the reason of an exclusion, or how to reach an item that was not served."""
    if item.excluded is not None:
        return f"excluded: {item.excluded}"
    if not item.closed_by:
        return f"not served; {way_to_reach(item)}"
    return f"not served; to reach it: {item.closed_by}"
