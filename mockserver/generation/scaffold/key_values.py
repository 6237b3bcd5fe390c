"""Documented values of keys, in the type of the member that holds the key."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.formats.json_schema import Validator

INTEGER = re.compile(r"0|[1-9][0-9]{0,14}")


def fitting_values(documented: Iterable[Any], schema: Mapping[str, Any] | None) -> list[Any]:
    """Return the values that a schema accepts, each as documented, as an integer or as a text."""
    accepts = Validator(dict(schema or {"type": ["string", "integer"]})).accepts
    values = []
    for value in documented:
        for form in _forms(value):
            if accepts(form):
                values.append(form)
                break
    return values


def _forms(value: Any) -> Iterator[Any]:
    """Yield the forms of a documented value: unchanged, as an integer and as a text."""
    if value is None:
        return
    yield value
    if INTEGER.fullmatch(str(value)):
        yield int(value)
    yield str(value)
