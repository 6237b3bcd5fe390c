"""Where an operation stands among the paths: at a collection (`/customers/{id}/invoices`), or at one record of it."""

from dataclasses import dataclass

from mockserver.formats import uri_template
from mockserver.spec.description import Operation


@dataclass(frozen=True, slots=True)
class Place:
    """The path of one operation, as far as collections go."""

    pattern: str
    """The collection's path, each variable as `{}`; two operations with the same one are of one collection."""
    literals: tuple[str, ...]
    """The texts of that path; the last one names the collection."""
    key: str | None
    """The variable that names one record; `None` at the collection itself."""
    within: str | None
    """The last variable before it; `None` where there is none."""

    @property
    def many(self) -> bool:
        """Whether it is the collection's place, and not that of one record."""
        return self.key is None


def place_of(operation: Operation) -> Place:
    """The place of an operation. Raises `ValueError`, in a sentence, where its path names no collection."""
    segments = [each for each in uri_template.parse(operation.uri_template).segments if each.literal != ""]
    key = segments.pop().variable if segments and segments[-1].variable else None
    if not segments or segments[-1].literal is None:
        raise ValueError("its path names no collection; expected a text, and at most one variable behind it")
    variables = [each.variable for each in segments if each.variable]
    pattern = "".join(f"/{'{}' if each.literal is None else each.literal}" for each in segments)
    literals = tuple(each.literal for each in segments if each.literal is not None)
    return Place(pattern, literals, key, variables[-1] if variables else None)
