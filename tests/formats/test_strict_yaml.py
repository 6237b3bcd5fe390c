"""Strict YAML: values, positions and errors."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import FileMessage, InvalidFiles, Position, Violation
from mockserver.formats import strict_yaml
from mockserver.formats.exact_json import INEXACT

SCALARS = {
    "no": "no",
    "yes": "yes",
    "012": "012",
    "0x10": "0x10",
    "1_000": "1_000",
    "2017-01-01 15:35:00": "2017-01-01 15:35:00",
    "10:30": "10:30",
    ".5": ".5",
    "+1": "+1",
    "True": "True",
    "NULL": "NULL",
    "null": None,
    "~": None,
    "": None,
    "true": True,
    "false": False,
    "0": 0,
    "-7": -7,
    "1.50": 1.5,
    "-0.0": 0.0,
    "1e3": 1000.0,
    '"1"': "1",
    "'null'": "null",
    "|-\n  a\n  b": "a\nb",
    "[1, {a: no}]": [1, {"a": "no"}],
    "18446744073709551615": 2**64 - 1,
    "-9223372036854775808": -(2**63),
    '"99999999999999999999"': "99999999999999999999",
    '"1e400"': "1e400",
}


@pytest.mark.parametrize(
    ("text", "value"), SCALARS.items(), ids=[text[:20] or "empty" for text in SCALARS]
)
def test_a_scalar_is_null_a_boolean_a_number_or_its_text(text: str, value: Any) -> None:
    actual = strict_yaml.parse_yaml(f"key: {text}\n".encode(), "a.yaml").value["key"]
    assert (actual, type(actual)) == (value, type(value))


def test_an_empty_file_is_null() -> None:
    assert strict_yaml.parse_yaml(b"", "a.yaml").value is None
    assert strict_yaml.parse_yaml(b"\xef\xbb\xbfa: 1", "a.yaml").value == {"a": 1}


ERRORS = {
    "duplicate key": ("a: 1\nb: 2\na: 3\n", "3:1: duplicate key 'a' (first defined on line 1)"),
    "alias": ("a: &x 1\nb: *x\n", None),
    "anchor": ("a: &x 1\n", "1:4: anchor &x is not supported; write the value where it is needed"),
    "tag": (
        "a: !!str 1\n",
        "1:4: tag tag:yaml.org,2002:str is not supported; expected a plain value",
    ),
    "second document": (
        "a: 1\n---\nb: 2\n",
        "2:1: second document in the file; expected one document",
    ),
    "list as a key": ("? [1]\n: 2\n", "1:3: invalid key: a list or an object; expected text"),
    "tab": ("a:\n\tb: 1\n", "2:1: invalid YAML: tab in the indentation; indent with spaces"),
    "at sign": (
        "a: @b\n",
        "1:4: invalid YAML: no value can start with '@'; put the value in quotes",
    ),
    "backtick": (
        "é: [1, `b]\n",
        "1:8: invalid YAML: no value can start with '`'; put the value in quotes",
    ),
    "control character": (
        "a: 1\r\nb: é\x07\n",
        "2:5: the character U+0007 is not allowed in YAML; "
        "remove it, or escape it in double quotes",
    ),
    "byte order mark inside": (
        "a: \ufeff\n",
        "1:4: the character U+FEFF is not allowed in YAML; "
        "remove it, or escape it in double quotes",
    ),
    "integer": ("a: 18446744073709551616\n", f"1:4: {INEXACT}"),
    "negative integer": ("- -9223372036854775809\n", f"1:3: {INEXACT}"),
    "very long integer": ("a: " + "9" * 5000, f"1:4: {INEXACT}"),
    "infinite number": (
        "a: -1e400",
        "1:4: number out of range: -1e400; expected a smaller number, or text in quotes",
    ),
}

# libyaml is faster, and a PyYAML that was built without it has the other one only.
LOADERS = [yaml.CSafeLoader, yaml.SafeLoader]


@pytest.fixture(params=LOADERS, ids=["libyaml", "Python"])
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "_Loader", request.param)


@pytest.mark.usefixtures("_loader")
@pytest.mark.parametrize(("text", "message"), ERRORS.values(), ids=ERRORS)
def test_an_error_has_its_position_and_a_message(text: str, message: str | None) -> None:
    with pytest.raises(InvalidFiles) as raised:
        strict_yaml.parse_yaml(text.encode(), "a.yaml")
    messages = [str(error) for error in raised.value.errors]
    if message is None:
        message = "1:4: anchor &x is not supported; write the value where it is needed"
        assert messages[1:] == ["a.yaml:2:4: alias *x is not supported; write the value"]
        messages = messages[:1]
    assert messages == [f"a.yaml:{message}"]


# libyaml 0.2.6 stops at 1,000 levels by itself, up to 1,024 characters before it gives an event.
TOO_DEEP = {
    "flow lists": ("[" * 3000, "1:41"),
    "flow lists, one too many": ("[" * 41 + "]" * 41, "1:41"),
    "flow maps": ("{a: " * 3000, "1:161"),
    "block lists": ("- " * 3000 + "a", "1:81"),
    "block maps": ("".join(" " * level + "a:\n" for level in range(1500)), "41:41"),
    "lists at the indentation of their key": (
        "".join("  " * level + "a:\n" + "  " * level + "-\n" for level in range(50)),
        "41:41",
    ),
    "block and flow": ("a:\n  - b: " + "[{c: " * 2000, "2:99"),
    "in the middle": ("a: 1\nb:\n  - 2\n  - " + "[" * 2000 + "\nc: 3\n", "4:43"),
    "in the middle, and closed": ("a: 1\nb: " + "[" * 50 + "]" * 50 + "\nc: 3\n", "2:43"),
    "one a line": ("a: 1\nb: " + "[\n " * 1200, "41:2"),
    "after a long line": ("b: " + "[" * 30 + " " * 990 + "[" * 3000, "1:1033"),
    "after other characters": ("ž: 1\r\n😀: " + "[" * 3000, "2:43"),
    "before another mistake": ("b: " + "[" * 60 + "@", "1:43"),
    "before a wrong escape": ("b: " + "[" * 60 + '"abc\\q"', "1:43"),
    "before the end of a string that has none": ("b: " + "[" * 60 + "'abc", "1:43"),
}


@pytest.mark.usefixtures("_loader")
@pytest.mark.parametrize(("text", "position"), TOO_DEEP.values(), ids=TOO_DEEP)
def test_a_file_that_is_nested_too_deeply_is_an_error(text: str, position: str) -> None:
    with pytest.raises(InvalidFiles) as raised:
        strict_yaml.parse_yaml(text.encode(), "a.yaml")
    errors = [str(error) for error in raised.value.errors]
    assert errors == [f"a.yaml:{position}: nested deeper than 40 levels"]


@pytest.mark.usefixtures("_loader")
def test_forty_levels_are_read_and_an_error_in_them_is_reported() -> None:
    assert strict_yaml.parse_yaml(b"[" * 40 + b"]" * 40, "a.yaml").value
    with pytest.raises(
        InvalidFiles, match=r"a.yaml:1:41: invalid YAML: no value can start with '@'"
    ):
        strict_yaml.parse_yaml(b"[" * 40 + b"@" + b"]" * 40, "a.yaml")


@pytest.mark.usefixtures("_loader")
def test_errors_before_the_too_deep_position_are_reported_too() -> None:
    with pytest.raises(InvalidFiles) as raised:
        strict_yaml.parse_yaml(b"a: 1\na: 2\nb: " + b"[" * 3000, "a.yaml")
    assert [str(error) for error in raised.value.errors] == [
        "a.yaml:2:1: duplicate key 'a' (first defined on line 1)",
        "a.yaml:3:43: nested deeper than 40 levels",
    ]


def test_all_errors_are_reported_together() -> None:
    with pytest.raises(InvalidFiles) as raised:
        strict_yaml.parse_yaml(b"a: !x 1\na: 2\nb: &y 1\n", "a.yaml")
    assert [error.position.line for error in raised.value.errors] == [1, 2, 3]


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\nb: [1\n", "a: 1\na: 2\n\tb: 1\n"], ids=["open", "tab"]
)
def test_errors_before_a_syntax_error_are_reported_too(text: str) -> None:
    with pytest.raises(InvalidFiles) as raised:
        strict_yaml.parse_yaml(text.encode(), "a.yaml")
    errors = [str(error) for error in raised.value.errors]
    duplicate, broken = sorted(errors, key=lambda error: "invalid YAML" in error)
    assert duplicate == "a.yaml:2:1: duplicate key 'a' (first defined on line 1)"
    assert "invalid YAML" in broken


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidFiles, match=r"a.yaml:2:1: the file is not valid UTF-8; expected UTF-8 text"
    ):
        strict_yaml.parse_yaml(b"a: 1\nb: \xff\n", "a.yaml")
    with pytest.raises(
        InvalidFiles, match="the file has 33554433 bytes; expected at most 33554432"
    ):
        strict_yaml.parse_yaml(b" " * (strict_yaml.MAX_BYTES + 1), "a.yaml")
    with pytest.raises(
        InvalidFiles, match=r"a.yaml:1:1: the file cannot be read: No such file or directory"
    ):
        strict_yaml.read_yaml(tmp_path / "a.yaml", "a.yaml")


CLOSES = "closes on line {}, and the text after it is invalid; close it where the text ends"
SYNTAX_ERRORS = [
    ('a: "x\nb: y\n', "1:4: invalid YAML: the quote that opens here is never closed"),
    ("a: 'x\nb: y\n", "1:4: invalid YAML: the quote that opens here is never closed"),
    ('a: 1\n"b: 2\nc: 3\n', "2:1: invalid YAML: the quote that opens here is never closed"),
    ("- a\n- 'b\n- c\n", "2:3: invalid YAML: the quote that opens here is never closed"),
    ('a: {b: "x}\n', "1:8: invalid YAML: the quote that opens here is never closed"),
    ('a: "x\n---\nb: 1\n', "1:4: invalid YAML: the quote that opens here is never closed"),
    ('a: "x\nb: "y"\n', f"1:4: invalid YAML: the quote that opens here {CLOSES.format(2)}"),
    ("a: 'x\nb: 1\nc: 'z'\n", f"1:4: invalid YAML: the quote that opens here {CLOSES.format(3)}"),
    (
        'a:\n  - "x\n  - y\nb: "z"\nc: 1\n',
        f"2:5: invalid YAML: the quote that opens here {CLOSES.format(4)}",
    ),
    (
        "a: [1, 2\nb: 3\n",
        "1:4: invalid YAML: the bracket that opens here is not closed before line 2; expected ]",
    ),
    (
        "a: {b: 1\nc: 2\n",
        "1:4: invalid YAML: the bracket that opens here is not closed before line 2; expected }",
    ),
    (
        "a: [1,\n  {b: 2\n",
        "2:3: invalid YAML: the bracket that opens here is not closed before line 3; expected }",
    ),
    (
        "a: |\nfoo\nb: 1\n",
        "2:1: invalid YAML: while scanning a simple key could not find expected ':'",
    ),
    ('a: "x"y\n', "1:7: invalid YAML: while parsing a block mapping did not find expected key"),
]


@pytest.mark.parametrize(("text", "message"), SYNTAX_ERRORS)
def test_a_syntax_error_has_its_position_and_advice(text: str, message: str) -> None:
    with pytest.raises(InvalidFiles) as raised:
        strict_yaml.parse_yaml(text.encode(), "a.yaml")
    assert str(raised.value) == f"a.yaml:{message}"


DOCUMENT = strict_yaml.parse_yaml(b"a:\n  - b: 1\n    7: x\n  - {c: [2]}\n", "a.yaml")


def test_values_and_keys_have_their_positions() -> None:
    assert DOCUMENT.position(("a", 0, "b")) == Position("a.yaml", 2, 8)
    assert DOCUMENT.key_position(("a", 0, "b")) == Position("a.yaml", 2, 5)
    assert DOCUMENT.position(("a", 1, "c", 0)) == Position("a.yaml", 4, 10)
    assert DOCUMENT.position(("a", 1, "nothing", "there")) == Position("a.yaml", 4, 5)
    assert (
        DOCUMENT.key_position(("a", 1)) == DOCUMENT.position(("a", 1)) == Position("a.yaml", 4, 5)
    )


def test_a_violation_becomes_an_error_at_its_position() -> None:
    undocumented = Violation("/0/b", "no other member", "b", "/properties/additionalProperties")
    errors = DOCUMENT.file_errors([undocumented, Violation("/0/7", "a number", "x")], ("a",))
    assert [str(error) for error in errors] == [
        "a.yaml:2:5: /a/0/b: expected no other member, got b",
        "a.yaml:3:8: /a/0/7: expected a number, got x",
    ]


TEXTS = st.recursive(
    st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(TEXTS)
def test_the_quoted_text_of_another_writer_is_read(value: Any) -> None:
    text = yaml.safe_dump(value, default_style='"', allow_unicode=True)
    assert strict_yaml.parse_yaml(text.encode(), "a.yaml").value == value


@given(st.binary() | st.text(alphabet="ab:{}[]-?&*!|>'\"#% \n\t,~", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_rejected_with_a_position(data: bytes) -> None:
    errors: tuple[FileMessage, ...] = ()
    try:
        strict_yaml.parse_yaml(data, "a.yaml")
    except InvalidFiles as error:
        errors = error.errors
    assert all(error.position.file == "a.yaml" and error.position.line >= 1 for error in errors)


def test_positions_are_collected_when_the_first_is_requested() -> None:
    document = strict_yaml.parse_yaml(b"- a: 1\n- b: 2\n", "a.yaml")
    assert "_marks" not in vars(document)
    assert str(document.position((1, "b"))) == "a.yaml:2:6"
    assert "_marks" in vars(document)
