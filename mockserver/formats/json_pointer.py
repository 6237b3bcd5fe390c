"""JSON pointers (RFC 6901)."""

from collections.abc import Iterable
from typing import Any


def to_pointer(steps: Iterable[str | int]) -> str:
    """Return the JSON pointer to a value: `/a~1b/0` for the steps `a/b` and `0`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def pointer_steps(pointer: str) -> list[str]:
    """Return the steps of a JSON pointer, each as text."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def child(value: Any, step: str) -> Any:
    """Return a member or item of a value; `None` if it does not exist."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None
