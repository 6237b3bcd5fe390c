"""The admin token of tests, and the problem of a response."""

from typing import Any

SECRET = "correct-horse-battery"


def problem_slug(response: Any) -> str | None:
    """Return the last part of the type of a problem; None for any other response."""
    return response.json["type"].rpartition(":")[2] if response.status_code >= 400 else None
