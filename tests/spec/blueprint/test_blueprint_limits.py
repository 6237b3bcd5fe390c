"""Limits of blueprints: input that is nested, large or long is an error, and takes little time."""

import pytest
from helpers.blueprint_messages import HEAD, OK, attributes_blueprint, blueprint_messages

LONG = "Long" * 30
TRUNCATED = LONG[:60]


def test_a_long_name_is_truncated_in_a_message() -> None:
    text = f"# A\n\n# R [/r]\n\n## {LONG} [GET]\n\nNothing.\n"
    _, line = blueprint_messages(text)
    assert line.startswith(f"5:4: the action {TRUNCATED!r} has no response; expected ")
    [line] = blueprint_messages(
        f"# A\n\n# R [/r]\n\n## L [GET]\n\n+ Response {LONG}\n\n        x\n"
    )
    assert f"invalid status {TRUNCATED!r}; expected a number from " in line


def extended_types(names: int) -> str:
    """Return types that extend the next one in two members: 2 to the power of `names` types."""
    types = "".join(
        f"## T{n}\n+ a (T{n + 1})\n    + x\n+ b (T{n + 1})\n    + x\n\n" for n in range(names)
    )
    return f"{HEAD}{OK}# Data Structures\n{types}## T{names}\n+ a\n"


def derived_types(names: int) -> str:
    """Return types that each extend the next one."""
    types = "".join(f"## T{n} (T{n + 1})\n+ a{n}\n\n" for n in range(names))
    return f"{HEAD}{OK}# Data Structures\n{types}## T{names}\n+ a\n"


def alternatives(choices: int) -> str:
    """Return attributes with a group of choices: 2 to the power of `choices` alternatives."""
    lines = ["+ One Of", "    + Properties"]
    for number in range(choices):
        lines += ["        + One Of", f"            + a{number}", f"            + b{number}"]
    return attributes_blueprint(*lines)


TOO_LARGE = {
    "lists in lists": (
        HEAD + "+ " * 40 + "x\n",
        "7:1: the Markdown is nested too deeply; expected at most 30 nested lists",
    ),
    "lists": (
        HEAD + "\n".join("    " * depth + "+ a" for depth in range(200)),
        "the Markdown is nested too deeply; expected at most 30 nested lists",
    ),
    "quotes": (
        HEAD + "> " * 5000 + "x",
        "the Markdown is nested too deeply; expected at most 30 nested lists",
    ),
    "extended types": (extended_types(40), "types; expected at most 20000"),
    "derived types": (derived_types(2000), "a type cannot extend a type that contains it"),
    "alternatives": (alternatives(40), "One Of with too many alternatives; expected at most 64"),
    "brackets of types": (
        attributes_blueprint(f"+ a ({'array[' * 900}string{']' * 900})"),
        "invalid type",
    ),
    "pairs": (
        HEAD + "+ Request\n\n" * 40 + "+ Response 200\n\n" * 40,
        "has 1600 pairs of request and response; expected at most 1000",
    ),
    "open JSON": (
        HEAD + "+ Response 200 (application/json)\n\n        " + "[" * 100_000,
        "the example body is not valid JSON",
    ),
    "length": (HEAD + OK + "x" * (4 * 1024 * 1024), "characters; expected at most 4194304"),
}


@pytest.mark.parametrize(("text", "part"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_input_over_a_limit_is_an_error(text: str, part: str) -> None:
    assert any(part in error for error in blueprint_messages(text))
