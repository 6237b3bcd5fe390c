"""`mockserver diff`: its exit codes, formats, and the use of a coverage document."""

import json
import re
import shutil
from pathlib import Path

import pytest
from helpers.contract_diffs import GOLDEN, VIEW, coverage_document
from helpers.processes import run_command
from helpers.repository import ROOT

SHIPPED = ROOT / "schemas/push_notifications/push_notifications.apib"
CANCEL = "cancel-push-notification-segment-export"


def pair(rule: str) -> list[str]:
    """Return the paths of the two blueprints of a rule."""
    return [str(GOLDEN / rule / "old.apib"), str(GOLDEN / rule / "new.apib")]


EXIT_CODES = {
    "breaks the app": ("RES-WIDENED", [], 1),
    "breaks the server only": ("OP-ADDED", [], 0),
    "view server": ("OP-ADDED", ["--view", "server"], 1),
    "view mock": ("RESPONSE-RENAMED", ["--view", "mock"], 1),
    "may break": ("RES-REMOVED", [], 0),
    "may break, fail on may": ("RES-REMOVED", ["--fail-on", "may"], 1),
    "safe, fail on may": ("OP-ADDED", ["--fail-on", "may"], 0),
    "text": ("TEXT-CHANGED", ["--fail-on", "may", "--view", "mock"], 0),
    "enum": ("RES-ENUM-ADDED", ["--enum-added", "breaks"], 1),
    "enum, safe": ("RES-ENUM-ADDED", ["--enum-added", "safe", "--fail-on", "may"], 0),
    "closed": ("RES-ADDED", ["--closed", "--fail-on", "may"], 1),
    "unknown view": ("OP-ADDED", ["--view", "nobody"], 2),
}


@pytest.mark.parametrize(("rule", "flags", "code"), EXIT_CODES.values(), ids=EXIT_CODES)
def test_the_exit_code_follows_the_verdicts_of_the_view(
    rule: str, flags: list[str], code: int
) -> None:
    assert run_command("diff", *pair(rule), *flags).returncode == code


def test_all_inputs_that_cannot_be_read_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "prose.apib").write_text("# Prose\n")
    coverage = tmp_path / "coverage.json"
    coverage.write_text("[")
    missing = str(tmp_path / "missing.apib")
    prose = str(tmp_path / "prose.apib")
    result = run_command("diff", missing, prose, "--used", str(coverage))
    assert (result.returncode, result.stdout) == (2, "")
    assert "missing.apib:1:1: error: the file cannot be read" in result.stderr
    assert "prose.apib:1:3: error: no operation can be served" in result.stderr
    assert "coverage.json:1:2: error: invalid JSON" in result.stderr


def test_the_shipped_blueprint_compared_with_itself_has_no_change() -> None:
    result = run_command("diff", str(SHIPPED), str(SHIPPED.parent.parent), "--view", "server")
    assert result.stdout == "No change affects a request or a response.\n"
    assert (result.returncode, result.stderr) == (0, "")


def changed_copy(folder: Path) -> Path:
    """Return a copy of the shipped blueprint without the 400 of `cancel`, and with other names."""
    text = SHIPPED.read_text()
    start = text.index("+ Response 400")
    text = text[:start] + text[text.index("## Trashed Push Notifications") :]
    path = folder / "push_notifications.apib"
    path.write_text(text.replace("export_id", "id"))
    return path


def test_a_change_names_our_files_to_edit(tmp_path: Path) -> None:
    document = json.loads(
        run_command("diff", str(SHIPPED), str(changed_copy(tmp_path)), "--format", "json").stdout
    )
    files = {}
    for change in document["changes"]:
        if change["operation"]["old_id"] == CANCEL:
            files[change["rule"]] = change["files"]
    effect = f"fixtures/push_notifications/effects.yaml: {CANCEL}"
    assert files == {"URI-VAR-RENAMED": [effect], "ERROR-REMOVED": [effect]}


def test_the_text_has_the_operation_the_change_the_positions_and_the_advice() -> None:
    result = run_command("diff", *pair("RES-WIDENED"))
    folder = "tests/golden/diff/RES-WIDENED"
    assert result.stdout.splitlines() == [
        "GET /polls/{id} View a Poll",
        "  breaks     RES-WIDENED 200 /name: type string -> type string or null",
        f"             {folder}/new.apib:10:11 (NEW)",
        f"             {folder}/old.apib:10:11 (OLD)",
        "             server: safe, mock: fixtures",
        "             Handle the additional values in the app.",
        "",
        "1 change breaks the app, 0 may break it, 0 are safe.",
    ]


def test_github_has_an_annotation_at_the_line_of_the_change() -> None:
    result = run_command("diff", *pair("RES-WIDENED"), "--format", "github")
    assert result.stdout.startswith(
        "::error file=tests/golden/diff/RES-WIDENED/new.apib,line=10,col=11,title=RES-WIDENED::"
    )
    assert "1 change breaks the app" in result.stderr


def test_github_has_the_file_of_old_for_what_is_removed() -> None:
    result = run_command("diff", *pair("OP-REMOVED"), "--format", "github")
    assert "file=tests/golden/diff/OP-REMOVED/old.apib,line=11," in result.stdout


def test_markdown_folds_what_is_safe(tmp_path: Path) -> None:
    text = run_command(
        "diff", str(SHIPPED), str(changed_copy(tmp_path)), "--format", "markdown"
    ).stdout
    assert "<details><summary>3 safe changes</summary>" in text
    assert text.count("<details>") == text.count("</details>")


def test_markdown_shows_texts_of_the_blueprint_literally(tmp_path: Path) -> None:
    paths = []
    for name, title in (("old", "a"), ("new", "`</details>` @team \x1b ``")):
        path = tmp_path / f"{name}.apib"
        path.write_text(VIEW.replace("### View", f"### {title}"))
        paths.append(str(path))
    text = run_command("diff", *paths, "--format", "markdown").stdout
    assert "**``` GET /polls/{id}{?page} `</details>` @team \\x1b `` ```**" in text


def test_a_refused_operation_is_reported_in_each_format(tmp_path: Path) -> None:
    old, new = tmp_path / "old.apib", tmp_path / "new.apib"
    vote = "\n### Vote [POST]\n\n+ Response 201\n"
    old.write_text(VIEW + vote)
    new.write_text(VIEW + vote.replace("POST", "POZT"))
    for format_name in ("text", "json", "markdown", "github"):
        result = run_command("diff", str(old), str(new), "--format", format_name)
        assert "UNDECIDED" in result.stdout
        assert re.search("1 error|unknown method", result.stdout)
        assert result.returncode == 0


def coverage(folder: Path, covered: list[str], tests: list[str]) -> str:
    """Write a coverage document of the shipped API, and return its path."""
    items = [CANCEL, f"{CANCEL} 200", f"{CANCEL} 404", "list-all-trashed-push-notifications"]
    path = folder / "coverage.json"
    path.write_text(json.dumps(coverage_document(items, dict.fromkeys(covered, tests))))
    return str(path)


@pytest.fixture
def without_cancel(tmp_path: Path) -> Path:
    """Return a copy of the shipped blueprint in which `cancel` is another method."""
    path = tmp_path / "push_notifications.apib"
    path.write_text(SHIPPED.read_text().replace("Export [DELETE]", "Export [POST]"))
    return path


def test_a_used_change_lists_its_tests(tmp_path: Path, without_cancel: Path) -> None:
    tests = ["exports.spec.ts:9 › cancels", "exports.spec.ts:41 › cancels twice"]
    used = coverage(tmp_path, [CANCEL], tests)
    result = run_command("diff", str(SHIPPED), str(without_cancel), "--used", used)
    assert result.returncode == 1
    assert f"2 tests: {tests[0]}, {tests[1]}" in result.stdout
    assert "1 of 2 changes touch your tests: 2 tests, first exports.spec.ts:9." in result.stdout
    assert "less than OLD" in result.stderr


def test_a_change_that_nobody_uses_does_not_fail(tmp_path: Path, without_cancel: Path) -> None:
    used = coverage(tmp_path, [], [])
    result = run_command("diff", str(SHIPPED), str(without_cancel), "--used", used)
    assert result.returncode == 0
    assert "No test touches it, so it is safe for this app (else: breaks)." in result.stdout
    assert "0 of 2 changes touch your tests." in result.stdout


def test_an_operation_that_the_coverage_does_not_know_keeps_its_verdict(tmp_path: Path) -> None:
    new = tmp_path / "push_notifications.apib"
    new.write_text(SHIPPED.read_text().replace("Notification [PATCH]", "Notification [POST]"))
    used = coverage(tmp_path, [CANCEL], ["a"])
    result = run_command("diff", str(SHIPPED), str(new), "--used", used)
    assert result.returncode == 1
    assert "The coverage does not know this operation, so the verdict stays." in result.stdout


def test_schema_files_of_a_folder_are_authoritative(tmp_path: Path) -> None:
    folder = tmp_path / "push_notifications"
    shutil.copytree(SHIPPED.parent, folder)
    path = folder / f"{CANCEL}.404.json"
    schema = json.loads(path.read_text())
    schema["required"] = []
    path.write_text(json.dumps(schema))
    for new in (folder, tmp_path):
        result = run_command("diff", str(SHIPPED.parent), str(new))
        assert result.returncode == 1
        assert "RES-REQUIRED-LOST 404 /message" in result.stdout
        assert f"{path} (NEW)" in result.stdout or f"{path}:1:1 (NEW)" in result.stdout


def test_the_help_has_examples() -> None:
    assert "mockserver diff main:schemas/" in run_command("diff", "--help").stdout
