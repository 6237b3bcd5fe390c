"""Find the name that a user probably meant."""

from collections.abc import Iterable

_MAX_COMPARED = 100
"""Characters of a name that are compared. The time grows with their square."""


def similar_name(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the candidate most similar to `name`, or an empty text if none is. Cutoff: 0 to 1."""
    # Only messages about a mistake need this module.
    from difflib import get_close_matches  # noqa: PLC0415

    matches = get_close_matches(name[:_MAX_COMPARED], sorted(candidates), 1, cutoff)
    return matches[0] if matches else ""


def similar_hint(name: str, candidates: Iterable[str]) -> str:
    """Return the question that ends a message; empty if no candidate is similar."""
    similar = similar_name(name, candidates)
    return f"; did you mean '{similar}'?" if similar else ""
