"""Files of records: what is written can be read again, and errors in them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import clean_environ
from helpers.repository import ROOT
from hypothesis import given
from hypothesis import strategies as st

from mockserver.config.shipped import FIXTURES
from mockserver.contract import records as fixtures
from mockserver.contract.records import Head
from mockserver.errors import InvalidFiles
from mockserver.formats import strict_yaml

FOLDER = FIXTURES / "push_notifications"
HEAD = Head(1, 2, ("en_US", "cs_CZ"), "40.54.0", "0" * 64)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=5), max_size=4))
def test_records_are_read_as_they_were_written(records: list[dict[str, Any]]) -> None:
    text = fixtures.render(records, HEAD)
    assert strict_yaml.parse_yaml(text.encode(), "x").value == records
    assert fixtures.head_of(text) == HEAD


TEXTS = [
    "no",
    "012",
    "1",
    "1.5",
    "-1e3",
    "true",
    "null",
    "~",
    "",
    "2017-01-01 15:35:00",
    "a: b",
    "a #b",
    "#",
    "- a",
    "x:",
    "{",
    "'",
    '"',
]
TEXTS += [
    " a",
    "a ",
    "a\n",
    "a\tb",
    "é",
    "Letní výprodej",
    "\ufeff",
    "\x85",
    "\u2028",
    "\x00",
    "\U0001f600",
    "---",
    "...",
    "%",
    "@",
    "*a",
    "&a",
]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_texts_that_yaml_would_take_for_something_else(text: str) -> None:
    records = [{text: text, "list": [text, [text]]}]
    assert strict_yaml.parse_yaml(fixtures.render(records).encode(), "x").value == records


def test_records_are_written_in_block_style_and_readably() -> None:
    record = {
        "id": 100,
        "name": "Letní výprodej",
        "when": "2017-01-01 15:35:00",
        "no": "no",
        "one": "1",
        "parts": [{"a": 1.5, "b": None}, "x"],
        "none": [],
        "stats": {"history": {"waiting": True}, "empty": {}},
        "long": "word " * 60 + "end",
    }
    assert fixtures.render([record], HEAD) == (
        "# Written by `mockserver fixtures` from recipes.yaml; a change by hand is drift (`mockserver fixtures --check`).\n"
        "# seed 1, count 2, locale en_US, cs_CZ, Faker 40.54.0\n"
        f"# blueprint sha256 {'0' * 64}\n"
        "- id: 100\n  name: Letní výprodej\n  when: 2017-01-01 15:35:00\n  no: no\n"
        '  one: "1"\n  parts:\n    - a: 1.5\n      b: null\n    - x\n  none: []\n'
        "  stats:\n    history:\n      waiting: true\n    empty: {}\n"
        + f"  long: {'word ' * 60}end\n"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, b""], ids=repr)
def test_what_json_does_not_have_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="not a JSON value"):
        fixtures.render([{"a": value}])


ERRORS = {
    "no list": ("a: 1\n", "a.yaml:1:1: /: expected a list of records, got {"),
    "an item that is no record": (
        "- a: 1\n- 2\n",
        "a.yaml:2:3: /1: expected a record (a mapping), got 2",
    ),
    "a key twice": ("- a: 1\n  a: 2\n", "a.yaml:2:3: duplicate key 'a' (first defined on line 1)"),
}


@pytest.mark.parametrize(("text", "message"), ERRORS.values(), ids=ERRORS)
def test_errors_of_a_records_file(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records/a.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as raised:
        fixtures.read_collections(tmp_path, "api")
    assert str(raised.value).startswith(f"api/records/{message}")


def test_the_errors_of_all_files_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    for name in "abc":
        (tmp_path / f"records/{name}.yaml").write_text("- 1\n- 2\n" if name != "b" else "- {}\n")
    with pytest.raises(InvalidFiles) as raised:
        fixtures.read_collections(tmp_path, "api")
    assert [error.position.file[-6:] for error in raised.value.errors] == [
        "a.yaml",
        "a.yaml",
        "c.yaml",
        "c.yaml",
    ]


def test_a_folder_without_records_has_no_collection(tmp_path: Path) -> None:
    assert fixtures.read_collections(tmp_path, "api") == {}


@pytest.mark.parametrize("text", ["seed: 1", "now: 2026-13-01 00:00:00", "now: soon", "[]"])
def test_the_date_of_the_fixtures_has_to_be_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "recipes.yaml").write_text(text)
    with pytest.raises(
        InvalidFiles,
        match=r"recipes.yaml:1:\d+: /now: expected a timestamp YYYY-MM-DD HH:MM:SS, not after 2999-12-31 23:59:59, got",
    ):
        fixtures.read_now(tmp_path / "recipes.yaml", "recipes.yaml")


def test_reading_the_shipped_records_takes_few_calls_a_line() -> None:
    """Counted, not timed: 17 calls of Python's a line with libyaml's parser, 260 with the one in Python."""
    calls = 0

    def seen(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        fixtures.read_collections(FOLDER, "x")
    finally:
        sys.setprofile(before)
    lines = sum(len(path.read_text().splitlines()) for path in (FOLDER / "records").glob("*.yaml"))
    assert lines < calls < 40 * lines


def test_records_and_lifecycles_are_read_without_faker() -> None:
    program = """
import sys
from mockserver.config import shipped
from mockserver.contract import lifecycles, records
folder = shipped.FIXTURES / "push_notifications"
records.read_collections(folder, "x")
records.read_now(folder / "recipes.yaml", "x")
lifecycles.read_lifecycles(folder / "lifecycles.yaml", "x")
print("faker" in sys.modules)
"""
    call = [sys.executable, "-c", program]
    assert (
        subprocess.run(
            call, cwd=ROOT, env=clean_environ(), capture_output=True, text=True, check=True
        ).stdout
        == "False\n"
    )
