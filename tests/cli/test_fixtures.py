import contextlib
import os
import pty
import re
import subprocess
import sys
import termios
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import clean_environ, run_command, run_process
from helpers.repository import ROOT
from helpers.shipped_api import BUSY, TRASHED
from hypothesis import given
from hypothesis import strategies as st

from mockserver.config.shipped import FIXTURES
from mockserver.contract import lifecycles
from mockserver.contract import records as fixtures
from mockserver.contract.records import Head
from mockserver.errors import InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.files import write_text

FOLDER = FIXTURES / "push_notifications"
HEAD = Head(1, 2, ("en_US", "cs_CZ"), "40.54.0", "0" * 64)
RECORDS = {name: collection.records for name, collection in fixtures.read_collections(FOLDER, "push_notifications").items()}
NOW = fixtures.read_now(FOLDER / "recipes.yaml", "recipes.yaml")

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=5), max_size=4))
def test_what_is_written_is_read_again(records: list[dict[str, Any]]) -> None:
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
        "  stats:\n    history:\n      waiting: true\n    empty: {}\n" + f"  long: {'word ' * 60}end\n"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, b""], ids=repr)
def test_what_json_does_not_have_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="is no value of JSON"):
        fixtures.render([{"a": value}])


FAULTS = {
    "no list": ("a: 1\n", "a.yaml:1:1: /: expected a list of records, got {"),
    "an item that is no record": ("- a: 1\n- 2\n", "a.yaml:2:3: /1: expected a record (a mapping of members), got 2"),
    "a key twice": ("- a: 1\n  a: 2\n", "a.yaml:2:3: duplicate key 'a'; it stands in line 1 already"),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_of_a_file_of_records(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records/a.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as raised:
        fixtures.read_collections(tmp_path, "api")
    assert str(raised.value).startswith(f"api/records/{message}")


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    for name in "abc":
        (tmp_path / f"records/{name}.yaml").write_text("- 1\n- 2\n" if name != "b" else "- {}\n")
    with pytest.raises(InvalidFiles) as raised:
        fixtures.read_collections(tmp_path, "api")
    assert [fault.position.file[-6:] for fault in raised.value.errors] == ["a.yaml", "a.yaml", "c.yaml", "c.yaml"]


def test_a_folder_without_records_has_no_collection(tmp_path: Path) -> None:
    assert fixtures.read_collections(tmp_path, "api") == {}


@pytest.mark.parametrize("text", ["seed: 1", "now: 2026-13-01 00:00:00", "now: soon", "[]"])
def test_the_date_of_the_fixtures_has_to_be_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "recipes.yaml").write_text(text)
    with pytest.raises(
        InvalidFiles,
        match=r"recipes.yaml:1:\d+: /now: expected the fixtures' date, YYYY-MM-DD HH:MM:SS, not after 2999-12-31 23:59:59, got",
    ):
        fixtures.read_now(tmp_path / "recipes.yaml", "recipes.yaml")


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_text(tmp_path / "records/a.yaml", "[]\n")
    write_text(tmp_path / "records/a.yaml", "- a: é\n")
    assert (tmp_path / "records/a.yaml").read_bytes() == "- a: é\n".encode()
    assert [path.name for path in (tmp_path / "records").iterdir()] == ["a.yaml"]


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
    assert subprocess.run(call, cwd=ROOT, env=clean_environ(), capture_output=True, text=True, check=True).stdout == "False\n"


# What is shipped


def test_there_are_enough_records() -> None:
    assert len(RECORDS["push_notifications"]) >= 4
    assert len(RECORDS["exports"]) > 60
    assert len(RECORDS["trash"]) > 30


def test_one_push_notification_has_more_than_a_page_of_exports_and_one_has_none() -> None:
    owners = Counter(record["push_notification_id"] for record in RECORDS["exports"])
    assert RECORDS["push_notifications"][0]["id"] == BUSY
    assert owners[BUSY] > 40
    ids = [record["id"] for record in RECORDS["push_notifications"]]
    assert set(owners) < set(ids)
    states = {record["status"] for record in RECORDS["exports"] if record["push_notification_id"] == BUSY}
    assert states == {"waiting", "running", "finished", "error", "canceled"}


def test_the_first_export_is_that_of_the_blueprint() -> None:
    assert RECORDS["exports"][0] == {
        "push_notification_id": BUSY,
        "id": 100,
        "user_id": 200,
        "segments": [{"id": 100, "name": "segment name", "type": "custom", "deleted": False}],
        "segment_name": "segment name example",
        "name": "export example",
        "status": "running",
        "stats": {"statuses_history": {"waiting": "2017-01-01 15:35:00", "running": "2017-01-01 15:35:00"}},
        "message_counts": {"total": 123, "sent": 100, "excluded_invalid": 3, "excluded_by_frequency_cap": 20},
        "created": "2017-01-01 15:35:00",
    }


def test_the_first_in_the_trash_is_that_of_the_blueprint() -> None:
    assert RECORDS["trash"][0] == {
        "id": TRASHED,
        "name": "My push notification",
        "title_template": "title",
        "body_template": "body",
        "modified": "2018-11-07T10:19:48Z",
        "modified_by": 1,
        "last_activation": "2018-11-07T10:19:48Z",
        "last_activation_by": 1,
    }


def test_every_export_lives_by_its_lifecycle() -> None:
    lifecycle = lifecycles.read_lifecycles(FOLDER / "lifecycles.yaml", "x")["exports"]
    assert [v for record in RECORDS["exports"] for v in lifecycle.violations(record, NOW)] == []


def test_a_segment_is_the_same_in_every_export() -> None:
    seen: dict[int, Any] = {}
    for record in RECORDS["exports"]:
        for segment in record["segments"]:
            assert seen.setdefault(segment["id"], segment) == segment
    assert len(seen) > 10


@pytest.mark.parametrize("name", ["exports", "trash"])
def test_names_have_diacritics_and_keys_are_unique(name: str) -> None:
    assert sum(not record["name"].isascii() for record in RECORDS[name]) > 5
    assert len({record["id"] for record in RECORDS[name]}) == len(RECORDS[name])


def test_nothing_in_the_trash_was_activated_after_it_was_modified() -> None:
    assert all(record["last_activation"] <= record["modified"] <= f"{NOW.replace(' ', 'T')}Z" for record in RECORDS["trash"])


# The command


def test_the_shipped_fixtures_have_no_drift() -> None:
    ended = run_process("fixtures", "--check")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count(": no drift\n") == 3


def run(shipped: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("fixtures", *arguments, "--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures"))


def records(shipped: Path, name: str) -> Path:
    return shipped / f"fixtures/push_notifications/records/{name}.yaml"


def on_a_terminal(*arguments: str) -> tuple[int, str]:
    """Run `mockserver ARGUMENTS` with a terminal as stderr; its exit code, and what the terminal was sent."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))  # a new one has no column
    call = [sys.executable, "-m", "mockserver", *arguments]
    process = subprocess.Popen(call, cwd=ROOT, env=clean_environ(), stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    shown = b""
    with contextlib.suppress(OSError):  # EIO: nobody holds the other end any more
        while part := os.read(master, 4096):
            shown += part
    os.close(master)
    return process.wait(), shown.decode()


def test_only_what_takes_long_has_a_progress_bar_and_only_on_a_terminal(shipped: Path) -> None:
    folders = ("--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures"))
    for count, bar in ((1999, False), (2000, True)):
        arguments = ("fixtures", *folders, "--count", f"trash={count}")
        code, shown = on_a_terminal(*arguments)
        assert (code, "trash:" in shown and f"/{count}" in shown) == (0, bar), shown
        done = run_process(*arguments)
        assert (done.returncode, done.stderr) == (0, "")


def test_files_that_would_stay_the_same_are_not_touched(shipped: Path) -> None:
    path = records(shipped, "trash")
    path.write_text(path.read_text().replace(" Faker 40", " Faker 39"))
    before = {each: each.stat().st_mtime_ns for each in path.parent.iterdir()}
    ended = run(shipped)
    assert (ended.returncode, ended.stdout.count(" records, unchanged\n")) == (0, 3)
    assert {each: each.stat().st_mtime_ns for each in path.parent.iterdir()} == before


def test_seed_count_and_locale_are_written_down_and_checked(shipped: Path) -> None:
    ended = run(shipped, "--seed", "7", "--count", "exports=20", "--count", "5", "--locale", "de_DE", "--locale", "fr_FR")
    assert ended.returncode == 0, ended.stderr
    for name, count in {"exports": 20, "trash": 5, "push_notifications": 5}.items():
        text = records(shipped, name).read_text()
        assert f"# seed 7, count {count}, locale de_DE, fr_FR, Faker " in text
        assert len(strict_yaml.parse_yaml(text.encode(), name).value) == count
    assert run(shipped, "--check").returncode == 0


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_change_by_hand_is_shown_as_a_short_diff(shipped: Path) -> None:
    change(records(shipped, "exports"), "name: export example", "name: another")
    ended = run(shipped, "--check")
    assert ended.returncode == 1
    assert "exports.yaml: not what the recipes make (- as it is, + as they make it)\n@@ line 11 @@\n" in ended.stdout
    assert "\n-  name: another\n+  name: export example\n" in ended.stdout
    assert ended.stdout.count("no drift") == 2


def test_a_long_diff_is_cut(shipped: Path) -> None:
    change(records(shipped, "exports"), "seed 1,", "seed 2,")
    ended = run(shipped, "--check")
    assert ended.returncode == 1
    assert len(ended.stdout.splitlines()) < 40
    assert " … and there may be more\n" in ended.stdout


def test_another_version_of_faker_is_named_only_where_records_differ(shipped: Path) -> None:
    for name in ("exports", "trash"):
        path = records(shipped, name)
        path.write_text(re.sub(r"Faker [0-9.]+", "Faker 1.2.3", path.read_text()))
    assert run(shipped, "--check").returncode == 0
    change(records(shipped, "exports"), "name: export example", "name: another")
    ended = run(shipped, "--check")
    assert (ended.returncode, ended.stdout.count("; made with Faker 1.2.3, this is Faker ")) == (1, 1)


def test_another_blueprint_is_drift(shipped: Path) -> None:
    blueprint = shipped / "schemas/push_notifications/push_notifications.apib"
    blueprint.write_text(blueprint.read_text() + "\n")
    ended = run(shipped, "--check")
    assert (ended.returncode, ended.stdout.count(": made for another blueprint (sha256 ")) == (1, 3)


DRIFTS = {
    "missing": (lambda path: path.unlink(), "missing; run `mockserver fixtures`"),
    "without its head": (lambda path: path.write_text("[]\n"), "the first lines do not say what the records were made with"),
    "with a locale that is none": (lambda path: change(path, "locale en_US", "locale en_XX"), "unknown locale en_XX"),
}


@pytest.mark.parametrize(("alter", "message"), DRIFTS.values(), ids=DRIFTS)
def test_files_that_cannot_be_compared_are_drift(shipped: Path, alter: Any, message: str) -> None:
    alter(records(shipped, "trash"))
    ended = run(shipped, "--check")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert f"trash.yaml: {message}" in ended.stdout


def test_a_written_file_without_a_recipe_is_drift_and_one_by_hand_is_not(shipped: Path) -> None:
    records(shipped, "own").write_text("- id: 1\n")
    assert run(shipped, "--check").returncode == 0
    records(shipped, "old").write_text(records(shipped, "trash").read_text())
    ended = run(shipped, "--check")
    assert ended.returncode == 1
    assert "old.yaml: no recipe makes this collection any more" in ended.stdout


USAGE = {
    "count of no collection": (["--count", "exprts=3"], 2, "--count exprts=3: no recipes of exprts; expected exports"),
    "no number": (["--count", "exports=x"], 2, "--count exports=x: expected N or COLLECTION=N, N from 0 to 1000000"),
    "no name": (["--count", "=3"], 2, "--count =3: expected N or COLLECTION=N"),
    "a number too large": (["--count", "1000001"], 2, "--count 1000001: expected N or COLLECTION=N, N from 0 to 1000000"),
    "a number below 0": (["--count", "exports=-1"], 2, "--count exports=-1: expected N or COLLECTION=N"),
    "check with a count": (["--check", "--count", "2"], 2, "--check takes seed, count and locale from the head of each file"),
    "check with a locale": (["--check", "--locale", "cs_CZ"], 2, "--check takes seed, count and locale from the head of"),
    "check with a seed of 0": (["--check", "--seed", "0"], 2, "--check takes seed, count and locale from the head of each"),
    "no locale": (["--locale", "cs_CS"], 2, "--locale: unknown locale cs_CS; expected cs_CZ?"),
    "check with a seed": (["--check", "--seed", "2"], 2, "--check takes seed, count and locale from the head of each file"),
    "too few to refer to": (
        ["--count", "push_notifications=2"],
        1,
        "exports.push_notification_id: it refers to record 3 of push_notifications, and there are 2; expected more of them",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "message"), USAGE.values(), ids=USAGE)
def test_wrong_usage_changes_nothing(shipped: Path, arguments: list[str], code: int, message: str) -> None:
    before = {path: path.read_bytes() for path in records(shipped, "x").parent.iterdir()}
    ended = run(shipped, *arguments)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert message in ended.stderr
    assert {path: path.read_bytes() for path in records(shipped, "x").parent.iterdir()} == before


def test_a_missing_blueprint_is_a_fault(shipped: Path) -> None:
    (shipped / "schemas/push_notifications/push_notifications.apib").unlink()
    ended = run(shipped)
    assert ended.returncode == 1
    assert "push_notifications.apib:1:1: the blueprint cannot be read: No such file or directory" in ended.stderr
