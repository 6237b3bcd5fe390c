"""`mockserver fixtures` writes, compares and reports records."""

import contextlib
import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import clean_environ, run_command, run_process
from helpers.repository import ROOT

from mockserver.config.shipped import FIXTURES
from mockserver.formats import strict_yaml

FOLDER = FIXTURES / "push_notifications"


def test_the_shipped_fixtures_have_no_drift() -> None:
    ended = run_process("fixtures", "--check")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count(": no drift\n") == 3


def run(shipped: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(
        "fixtures",
        *arguments,
        "--schemas",
        str(shipped / "schemas"),
        "--fixtures",
        str(shipped / "fixtures"),
    )


def records(shipped: Path, name: str) -> Path:
    return shipped / f"fixtures/push_notifications/records/{name}.yaml"


def on_a_terminal(*arguments: str) -> tuple[int, str]:
    """Run `mockserver` with a terminal as stderr. Return exit code and stderr."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))  # a new one has no column
    call = [sys.executable, "-m", "mockserver", *arguments]
    process = subprocess.Popen(
        call, cwd=ROOT, env=clean_environ(), stdout=subprocess.DEVNULL, stderr=slave
    )
    os.close(slave)
    output = b""
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while part := os.read(master, 4096):
            output += part
    os.close(master)
    return process.wait(), output.decode()


def test_many_records_have_a_progress_bar_on_a_terminal_only(shipped: Path) -> None:
    folders = ("--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures"))
    for count, bar in ((1999, False), (2000, True)):
        arguments = ("fixtures", *folders, "--count", f"trash={count}")
        code, output = on_a_terminal(*arguments)
        assert (code, "trash:" in output and f"/{count}" in output) == (0, bar), output
        process = run_process(*arguments)
        assert (process.returncode, process.stderr) == (0, "")


def test_files_with_equal_records_are_not_written(shipped: Path) -> None:
    path = records(shipped, "trash")
    path.write_text(path.read_text().replace(" Faker 40", " Faker 39"))
    before = {each: each.stat().st_mtime_ns for each in path.parent.iterdir()}
    ended = run(shipped)
    assert (ended.returncode, ended.stdout.count(" records, unchanged\n")) == (0, 3)
    assert {each: each.stat().st_mtime_ns for each in path.parent.iterdir()} == before


def test_seed_count_and_locale_are_in_the_file_header_and_checked(shipped: Path) -> None:
    ended = run(
        shipped,
        "--seed",
        "7",
        "--count",
        "exports=20",
        "--count",
        "5",
        "--locale",
        "de_DE",
        "--locale",
        "fr_FR",
    )
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


def test_a_manual_change_is_shown_as_a_short_diff(shipped: Path) -> None:
    change(records(shipped, "exports"), "name: export example", "name: another")
    ended = run(shipped, "--check")
    assert ended.returncode == 1
    assert (
        "exports.yaml: differs from the recipes (- in the file, + from the recipes)\n"
        "@@ line 11 @@\n" in ended.stdout
    )
    assert "\n-  name: another\n+  name: export example\n" in ended.stdout
    assert ended.stdout.count("no drift") == 2


def test_a_long_diff_is_cut(shipped: Path) -> None:
    change(records(shipped, "exports"), "seed 1,", "seed 2,")
    ended = run(shipped, "--check")
    assert ended.returncode == 1
    assert len(ended.stdout.splitlines()) < 40
    assert " … more differences may follow\n" in ended.stdout


def test_another_version_of_faker_is_reported_only_if_records_differ(shipped: Path) -> None:
    for name in ("exports", "trash"):
        path = records(shipped, name)
        path.write_text(re.sub(r"Faker [0-9.]+", "Faker 1.2.3", path.read_text()))
    assert run(shipped, "--check").returncode == 0
    change(records(shipped, "exports"), "name: export example", "name: another")
    ended = run(shipped, "--check")
    assert (
        ended.returncode,
        ended.stdout.count("; generated with Faker 1.2.3, installed is Faker "),
    ) == (1, 1)


def test_another_blueprint_is_drift(shipped: Path) -> None:
    blueprint = shipped / "schemas/push_notifications/push_notifications.apib"
    blueprint.write_text(blueprint.read_text() + "\n")
    ended = run(shipped, "--check")
    assert (
        ended.returncode,
        ended.stdout.count(": generated for another version of the blueprint (sha256 "),
    ) == (1, 3)


DRIFTS = {
    "missing": (lambda path: path.unlink(), "missing; run `mockserver fixtures`"),
    "without its head": (
        lambda path: path.write_text("[]\n"),
        "the file header is missing or invalid",
    ),
    "with a locale that is none": (
        lambda path: change(path, "locale en_US", "locale en_XX"),
        "unknown locale 'en_XX'",
    ),
}


@pytest.mark.parametrize(("alter", "message"), DRIFTS.values(), ids=DRIFTS)
def test_files_that_cannot_be_compared_are_drift(shipped: Path, alter: Any, message: str) -> None:
    alter(records(shipped, "trash"))
    ended = run(shipped, "--check")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert f"trash.yaml: {message}" in ended.stdout


def test_a_generated_file_without_a_recipe_is_drift_and_a_manual_one_is_not(shipped: Path) -> None:
    records(shipped, "own").write_text("- id: 1\n")
    assert run(shipped, "--check").returncode == 0
    records(shipped, "old").write_text(records(shipped, "trash").read_text())
    ended = run(shipped, "--check")
    assert ended.returncode == 1
    assert "old.yaml: no recipe generates this collection" in ended.stdout


USAGE = {
    "count of no collection": (
        ["--count", "exprts=3"],
        2,
        "--count exprts=3: unknown collection exprts; expected exports",
    ),
    "no number": (
        ["--count", "exports=x"],
        2,
        "--count exports=x: expected N or COLLECTION=N, N from 0 to 1000000",
    ),
    "no name": (["--count", "=3"], 2, "--count =3: expected N or COLLECTION=N"),
    "a number too large": (
        ["--count", "1000001"],
        2,
        "--count 1000001: expected N or COLLECTION=N, N from 0 to 1000000",
    ),
    "a number below 0": (
        ["--count", "exports=-1"],
        2,
        "--count exports=-1: expected N or COLLECTION=N",
    ),
    "check with a count": (
        ["--check", "--count", "2"],
        2,
        "--check reads seed, count and locale from each file header",
    ),
    "check with a locale": (
        ["--check", "--locale", "cs_CZ"],
        2,
        "--check reads seed, count and locale from each",
    ),
    "check with a seed of 0": (
        ["--check", "--seed", "0"],
        2,
        "--check reads seed, count and locale from each",
    ),
    "no locale": (
        ["--locale", "cs_CS"],
        2,
        "--locale: unknown locale 'cs_CS'; did you mean 'cs_CZ'?",
    ),
    "check with a seed": (
        ["--check", "--seed", "2"],
        2,
        "--check reads seed, count and locale from each file header",
    ),
    "too few to refer to": (
        ["--count", "push_notifications=2"],
        1,
        "exports.push_notification_id: reference to record 3 of 'push_notifications', "
        "which has only 2 records",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "message"), USAGE.values(), ids=USAGE)
def test_wrong_usage_writes_no_file(
    shipped: Path, arguments: list[str], code: int, message: str
) -> None:
    before = {path: path.read_bytes() for path in records(shipped, "x").parent.iterdir()}
    ended = run(shipped, *arguments)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert message in ended.stderr
    assert {path: path.read_bytes() for path in records(shipped, "x").parent.iterdir()} == before


def test_a_missing_blueprint_is_an_error(shipped: Path) -> None:
    (shipped / "schemas/push_notifications/push_notifications.apib").unlink()
    ended = run(shipped)
    assert ended.returncode == 1
    assert (
        "push_notifications.apib:1:1: cannot read the blueprint: No such file or directory"
        in ended.stderr
    )
