"""JSON pointers (RFC 6901)."""

from collections.abc import Iterable


def to_pointer(steps: Iterable[str | int]) -> str:
    """Return the JSON pointer to a value: `/a~1b/0` for the steps `a/b` and `0`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def pointer_steps(pointer: str) -> list[str]:
    """Return the steps of a JSON pointer, each as text."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
