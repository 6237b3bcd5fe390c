"""`mockserver fixtures` writes nothing if a record violates its schema.

It reports the recipe of each violation.
"""

import shutil
from pathlib import Path

import pytest
from helpers.processes import run_command

RECIPES = "fixtures/push_notifications/recipes.yaml"


def run(folder: Path, command: str, *arguments: str) -> tuple[int, str, str]:
    folders = ("--schemas", str(folder / "schemas"), "--fixtures", str(folder / "fixtures"))
    ended = run_command(command, *arguments, *folders)
    return ended.returncode, ended.stdout, ended.stderr


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, f"expected once, found {text.count(old)} times: {old}"
    path.write_text(text.replace(old, new))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "fixtures").rglob("records/*.yaml")}


USER = "      user_id: {faker: {random_int: {min: 1, max: 400}}}\n"
CHANGES: dict[str, tuple[str, str, str, str]] = {
    "another type": (
        USER,
        "      user_id: {faker: name}\n",
        "{faker: name}",
        "exports: record 1 (and 59 more) violates its schema "
        "at /user_id: expected integer, got string",
    ),
    "a value that the schema does not list": (
        "{id: 100, name: segment name, type: custom, deleted: false}\n    fields",
        "{id: 100, name: segment name, type: 7, deleted: false}\n    fields",
        "{sample: {segments: 24}, count: 1-3}",
        "/type: expected string, got integer 7",
    ),
    "a pinned value": (
        "        status: running\n",
        "        status: running\n        id: one\n",
        "        id: one",
        "exports: record 0 violates its schema at /id: expected integer, got string",
    ),
    "a pinned value within another": (
        "segments: [{id: 100,",
        "segments: [{id: many,",
        "segments: [{id: many,",
        "exports: record 0 violates its schema at /segments/0/id: expected integer, got string",
    ),
    "a member that no response contains": (
        USER,
        f"{USER}      colour: {{faker: color_name}}\n",
        "{faker: color_name}",
        "exports: record 0 (and 60 more) violates its schema "
        "at /colour: expected one of created, id",
    ),
    "a key twice": (
        "      id: {sequence: 100}\n      user_id",
        "      id: {cycle: [100, 101]}\n      user_id",
        "{cycle: [100, 101]}",
        "/100 (records 0 and 2)",
    ),
}


@pytest.mark.parametrize(("old", "new", "place", "message"), CHANGES.values(), ids=CHANGES)
def test_records_that_violate_their_schema_are_reported_at_the_recipe(
    shipped: Path, old: str, new: str, place: str, message: str
) -> None:
    change(shipped / RECIPES, old, new)
    before = contents(shipped)
    code, out, err = run(shipped, "fixtures", "--seed", "5")
    assert (code, out) == (1, "")
    lines = (shipped / RECIPES).read_text().splitlines()
    number = next(number for number, line in enumerate(lines, 1) if place.strip() in line)
    assert any(
        f"recipes.yaml:{number}:" in line and message in line for line in err.splitlines()
    ), err
    assert contents(shipped) == before


def test_all_recipes_of_all_apis_are_reported_at_once(shipped: Path) -> None:
    for part in ("schemas", "fixtures"):
        shutil.copytree(shipped / part / "push_notifications", shipped / part / "other")
    (shipped / "schemas/other/push_notifications.apib").rename(shipped / "schemas/other/other.apib")
    change(shipped / RECIPES, USER, "      user_id: {faker: name}\n")
    change(shipped / RECIPES, "\n      modified_by: ", "\n      modified_by: x # ")
    change(shipped / "fixtures/other/recipes.yaml", USER, "      user_id: {faker: city}\n")
    code, out, err = run(shipped, "fixtures")
    assert (code, out) == (1, "")
    assert [err.count(f"{name}/recipes.yaml:") for name in ("push_notifications", "other")] == [
        2,
        1,
    ]


def test_a_member_without_a_recipe_is_reported_at_the_collection(shipped: Path) -> None:
    change(shipped / RECIPES, USER, "")
    change(shipped / RECIPES, "      - user_id: 200\n        segments:", "      - segments:")
    _, _, err = run(shipped, "fixtures")
    lines = (shipped / RECIPES).read_text().splitlines()
    fields = lines.index("    fields:", lines.index("    count: 61")) + 1
    assert f"recipes.yaml:{fields + 2}:" in err, (
        "the fields of exports start there, after a comment"
    )
    assert (
        'exports: record 0 (and 60 more) violates its schema at /: expected member "user_id"' in err
    )


def test_a_violation_inside_a_nested_recipe_is_reported_there(shipped: Path) -> None:
    old = "segments: {sample: {segments: 24}, count: 1-3}"
    new = (
        "segments: {list: 1, of: {fields: {id: {sequence: 1}, "
        "name: x, type: {faker: pyint}, deleted: false}}}"
    )
    change(shipped / RECIPES, old, new)
    _, _, err = run(shipped, "fixtures")
    line = next(line for line in (shipped / RECIPES).read_text().splitlines() if new in line)
    assert f":{line.index('{faker: pyint}') + 1}: exports: record 1 (and 59 more)" in err


def test_a_blueprint_that_cannot_be_read_is_reported(shipped: Path) -> None:
    blueprint = shipped / "schemas/push_notifications/push_notifications.apib"
    blueprint.write_text("FORMAT: 1A\n\n# A\n")
    before = contents(shipped)
    code, _, err = run(shipped, "fixtures", "--seed", "5")
    assert (code, "push_notifications.apib:3:3:" in err) == (1, True)
    assert contents(shipped) == before


# check and schemas --------------------------------------------------------------------------------


def test_check_reports_the_warnings_of_the_command_schemas(shipped: Path) -> None:
    """The schema file accepts the example, the schema of the blueprint rejects it."""
    schema = (
        shipped / "schemas/push_notifications/retrieve-a-push-notification-segment-export.404.json"
    )
    schema.write_text('{"$schema": "https://json-schema.org/draft/2020-12/schema"}')
    blueprint = shipped / "schemas/push_notifications/push_notifications.apib"
    text = blueprint.read_text()
    at = text.index("+ Response 404")
    body = text.index('{\n              "message": "Push notification export not found"', at)
    blueprint.write_text(
        text[:body]
        + '{\n              "massage": "x"'
        + text[text.index("\n            }", body) :]
    )
    checked = run(shipped, "check")
    written = run(shipped, "schemas")
    assert (written[0], checked[0]) == (0, 0)
    assert "violates its schema" in written[2]
    assert set(written[2].splitlines()) <= set(checked[2].splitlines())


def test_check_and_schemas_report_a_folder_that_replaces_a_file(shipped: Path) -> None:
    folder = shipped / "schemas/push_notifications"
    path = folder / "retrieve-a-push-notification-segment-export.404.json"
    path.unlink()
    path.mkdir()
    (folder / "surplus.200.json").mkdir()
    for command in ("schemas", "check"):
        code, _, err = run(shipped, command)
        assert code == 1
        assert (
            err.count(
                ": a folder has the name of this schema file; expected no folder of this name"
            )
            == 2
        )


# Line breaks --------------------------------------------------------------------------------------


@pytest.fixture
def windows(shipped: Path) -> Path:
    """The shipped folders as git checks them out on Windows."""
    for path in shipped.rglob("*.*"):
        if path.suffix in (".apib", ".yaml", ".json"):
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return shipped


@pytest.mark.parametrize(("command", "files"), [("schemas", 8), ("fixtures", 3)])
def test_crlf_line_breaks_are_the_only_reported_drift(
    windows: Path, command: str, files: int
) -> None:
    code, out, err = run(windows, command, "--check")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert len(lines) == files
    for line in lines:
        assert "has CRLF line breaks" in line
        assert "put `* text eol=lf` into .gitattributes" in line


@pytest.mark.parametrize("command", ["schemas", "fixtures"])
def test_the_command_itself_writes_unix_line_breaks(windows: Path, command: str) -> None:
    assert run(windows, command)[0] == 0
    assert run(windows, command, "--check")[0] == 0


def test_files_with_crlf_line_breaks_are_served_without_a_warning(windows: Path) -> None:
    code, out, err = run(windows, "check")
    assert (code, err) == (0, "")
    assert "5 operations, 92 records" in out


def test_a_change_of_other_white_space_is_not_reported_as_line_breaks(shipped: Path) -> None:
    path = shipped / "schemas/push_notifications/restore-a-trashed-push-notification.200.json"
    path.write_text(path.read_text() + "\n")
    _, out, _ = run(shipped, "schemas", "--check")
    assert "CRLF" not in out
    assert path.name in out
