"""Name schemas in messages for people."""

from mockserver.formats.json_text import abbreviated_json
from mockserver.verification.diff.schema_branch import Branch
from mockserver.verification.diff.schema_keywords import KINDS
from mockserver.verification.diff.schema_limits import INTEGER, ROWS
from mockserver.verification.diff.schema_shapes import Shape


def type_text(shape: Shape) -> str:
    """Return the types of the values: `integer or null`."""
    if len(shape) == len(KINDS):
        return "any value"
    names = [type_name(kind, shape[kind]) for kind in KINDS if kind in shape]
    # `null` comes last, as in `string or null`.
    names.sort(key=lambda name: name == "null")
    return " or ".join(names) or "no value"


def type_name(kind: str, branches: tuple[Branch, ...]) -> str:
    """Return the JSON type of the branches of one kind."""
    if kind == "number" and all(has_integers_only(branch) for branch in branches):
        return "integer"
    return kind


def has_integers_only(branch: Branch) -> bool:
    """Return whether a branch of numbers accepts no fraction."""
    if branch.limits.get(INTEGER):
        return True
    if branch.values is None:
        return False
    return all(float(value).is_integer() for value in branch.values.values())


def values_text(branch: Branch) -> str:
    """Return the listed values of a branch; empty if there are none."""
    if branch.values is None:
        return ""
    return ", ".join(map(abbreviated_json, branch.values.values()))


def branch_text(branch: Branch) -> str:
    """Return a description of one alternative: `object with id, name`."""
    name = type_name(branch.kind, (branch,))
    if branch.values is not None:
        return f"{name} {values_text(branch)}"
    if branch.required:
        return f"{name} with {', '.join(branch.required)}"
    limits = []
    for keyword, row in ROWS[branch.kind].items():
        text = row.text(branch.limits.get(keyword, row.default))
        if text and keyword != INTEGER:
            limits.append(f"{keyword} {text}")
    return " ".join((name, ", ".join(limits))).rstrip()
