"""`mockserver check`: what it reads, its formats, and its exit code."""

import json
import re
import shutil
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from helpers.processes import run_command

from mockserver import __version__
from mockserver.cli import sarif
from mockserver.cli.message_formats import FORMATS

ACTION = "## Poll [/polls/{id}]\n\n### View [GET]\n\n+ Response 204\n"
VALID = f"# Polls\n\n{ACTION}"
WARNED = f"FORMAT: 2\n\n# Polls\n\n{ACTION}"
REFUSED = f"# Polls\n\n{ACTION}\n### Change [FETCH]\n\n+ Response 204\n"
TEXT_BODY = f"# Polls\n\n{ACTION}\n+ Response 200 (application/json)\n\n        {{'id': 1}}\n"
NO_OPERATION = "# Polls\n\n## Poll [/polls]\n\n### View\n\nGET /polls\n"


def write(folder: Path, **texts: str) -> list[str]:
    """Write blueprints, and return their paths."""
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.apib"
        path.write_text(text)
        paths.append(str(path))
    return paths


EXIT_CODES = {
    "valid": (VALID, [], 0),
    "warning": (WARNED, [], 0),
    "warning, strict": (WARNED, ["--strict"], 1),
    "valid, strict": (VALID, ["--strict"], 0),
    "refused operation": (REFUSED, [], 1),
    "body that is not JSON": (TEXT_BODY, [], 1),
    "no operation": (NO_OPERATION, [], 1),
    "unknown format": (VALID, ["--format", "xml"], 2),
}


@pytest.mark.parametrize(("text", "flags", "code"), EXIT_CODES.values(), ids=EXIT_CODES)
def test_the_exit_code_is_1_for_an_error_and_0_for_warnings(
    tmp_path: Path, text: str, flags: list[str], code: int
) -> None:
    assert run_command("check", *write(tmp_path, a=text), *flags).returncode == code


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(("text", "flags", "code"), [EXIT_CODES["warning, strict"], (VALID, [], 0)])
def test_the_exit_code_does_not_depend_on_the_format(
    tmp_path: Path, format_name: str, text: str, flags: list[str], code: int
) -> None:
    paths = write(tmp_path, a=text)
    assert run_command("check", *paths, *flags, "--format", format_name).returncode == code


def test_the_text_has_the_position_the_outcome_the_code_and_the_marked_line(tmp_path: Path) -> None:
    [path] = write(tmp_path, a=WARNED)
    result = run_command("check", path)
    assert result.stderr.splitlines() == [
        f"{path}:1:9: warning: unknown format '2'; expected 1A. It is read as 1A. [B104]",
        "    FORMAT: 2",
        "            ^",
    ]
    assert result.stdout == f"{path}: OK, 1 operation served, 0 refused; 0 errors, 1 warning\n"


def test_strict_reports_warnings_as_errors(tmp_path: Path) -> None:
    [path] = write(tmp_path, a=WARNED)
    result = run_command("check", path, "--strict")
    assert f"{path}:1:9: error: unknown format" in result.stderr
    assert result.stdout == f"{path}: 1 operation served, 0 refused; 1 error, 0 warnings\n"


def test_several_files_have_a_summary_each_and_their_messages_together(tmp_path: Path) -> None:
    paths = write(tmp_path, a=REFUSED, b=WARNED, c=NO_OPERATION)
    result = run_command("check", *paths)
    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        f"{paths[0]}: 1 operation served, 1 refused; 1 error, 0 warnings",
        f"{paths[1]}: OK, 1 operation served, 0 refused; 0 errors, 1 warning",
        f"{paths[2]}: no operation served (1 error, 1 warning)",
    ]
    assert re.findall(r"/(\w)\.apib:\d+:\d+: .*\[(B\d+)\]", result.stderr) == [
        ("a", "B111"),
        ("b", "B104"),
        ("b", "B604"),
        ("c", "B101"),
        ("c", "B117"),
    ]


def test_a_file_without_an_operation_names_the_lines_that_look_like_one(tmp_path: Path) -> None:
    [path] = write(tmp_path, a=NO_OPERATION)
    assert "; line 7 looks like an operation; expected" in run_command("check", path).stderr


def test_a_resource_with_an_invalid_uri_refuses_each_of_its_operations(tmp_path: Path) -> None:
    refused = (
        "\n## Bad [/bad/{id]\n\n### A [GET]\n\n+ Response 204\n\n### B [PUT]\n\n+ Response 204\n"
    )
    [path] = write(tmp_path, a=VALID + refused)
    result = run_command("check", path)
    assert result.stdout == f"{path}: 1 operation served, 2 refused; 1 error, 0 warnings\n"


def test_a_blueprint_alone_is_checked_with_its_schemas_and_routes(tmp_path: Path) -> None:
    """These messages come from the stages after the reader."""
    other = ACTION.replace("{id}", "{name}").replace("View", "Show")
    body = (
        "+ Response 200 (application/json)\n    + Attributes\n        + id: 1 (number)\n\n"
        '    + Body\n\n            {"id": "one"}\n'
    )
    xml = "+ Response 200 (application/xml)\n    + Attributes\n        + id\n"
    [path] = write(tmp_path, a=f"{VALID}\n{other}\n### M [PUT]\n\n{body}\n### X [POST]\n\n{xml}")
    codes = re.findall(r"\[(B\d+)\]$", run_command("check", path).stderr, re.MULTILINE)
    assert codes == ["B603", "B601", "B602"]


def checked(tmp_path: Path, format_name: str) -> str:
    """Return the document about a file with an error and a warning, alone on stdout."""
    write(tmp_path, a=f"FORMAT: 2\n\n{REFUSED}")
    result = run_command("check", str(tmp_path / "a.apib"), "--format", format_name)
    assert "1 refused; 1 error, 1 warning" in result.stderr
    return result.stdout


def test_the_json_is_a_list_of_objects_with_all_fields(tmp_path: Path) -> None:
    warning, error = json.loads(checked(tmp_path, "json"))
    assert warning == {
        "file": str(tmp_path / "a.apib"),
        "line": 1,
        "column": 9,
        "severity": "warning",
        "code": "B104",
        "slug": "unknown-format",
        "message": "unknown format '2'; expected 1A",
        "outcome": "It is read as 1A.",
    }
    assert (error["severity"], error["code"], error["line"]) == ("error", "B111", 11)


def test_the_json_without_messages_is_an_empty_list(tmp_path: Path) -> None:
    assert json.loads(run_command("check", *write(tmp_path, a=VALID), "--format=json").stdout) == []


def test_github_gets_an_escaped_annotation_for_each_message(tmp_path: Path) -> None:
    folder = tmp_path / "a,b:c%d"
    folder.mkdir()
    [path] = write(folder, a=f"HOST: 100%25\n\n{VALID}")
    result = run_command("check", path, "--format", "github")
    file = path.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    assert result.stdout == (
        f"::warning file={file},line=1,col=7,title=B105 invalid-host::"
        "invalid HOST '100%2525'; expected http://NAME or https://NAME, optionally with a path. "
        "The API is served at the root path.\n"
    )


def test_github_gets_nothing_without_messages(tmp_path: Path) -> None:
    assert run_command("check", *write(tmp_path, a=VALID), "--format=github").stdout == ""


def test_sarif_has_the_required_members(tmp_path: Path) -> None:
    document = json.loads(checked(tmp_path, "sarif"))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("/sarif-schema-2.1.0.json")
    [run] = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("mockserver", __version__)
    for result in run["results"]:
        rule = driver["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert result["level"] == rule["defaultConfiguration"]["level"]
        assert result["message"]["text"]
    assert [result["level"] for result in run["results"]] == ["warning", "error"]
    assert run["results"][0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": (tmp_path / "a.apib").as_uri()},
                "region": {"startLine": 1, "startColumn": 9},
            }
        }
    ]


def test_a_rule_of_sarif_has_a_help_text_with_the_section_of_the_page(tmp_path: Path) -> None:
    [run] = json.loads(checked(tmp_path, "sarif"))["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == ["B104", "B111"]
    assert rules["B104"]["name"] == "UnknownFormat"
    for text in rules["B104"]["help"].values():
        assert "docs/blueprint-messages.md#b104-unknown-format" in text


@pytest.fixture
def folders(shipped: Path) -> tuple[str, ...]:
    return "--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_shipped_folders_pass_the_strict_check() -> None:
    result = run_command("check", "--strict")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1] == (
        "Read schemas and fixtures: 5 operations served, 0 refused; 0 errors, 0 warnings"
    )


def test_all_stages_report_together(shipped: Path, folders: tuple[str, ...]) -> None:
    schemas, fixtures = (
        shipped / "schemas/push_notifications",
        shipped / "fixtures/push_notifications",
    )
    blueprint = schemas / "push_notifications.apib"
    edit(blueprint, "(Stamp,", "(Stmp,")
    edit(blueprint, '"limit": 20,', '"limit": "20",')
    edit(fixtures / "effects.yaml", "not_found: 404", "not_found: 410")
    edit(fixtures / "recipes.yaml", "seed:", "sead:")
    (fixtures / "effect.yaml").write_text("a: b\n")
    result = run_command("check", *folders)
    assert result.returncode == 1
    for part in ("[B410]", "[B601]", "effects.yaml:16:", "recipes.yaml:", "effect.yaml: warning: "):
        assert part in result.stderr, part


def test_the_documented_requests_are_proved_though_an_operation_is_refused(
    shipped: Path, folders: tuple[str, ...]
) -> None:
    blueprint = shipped / "schemas/push_notifications/push_notifications.apib"
    blueprint.write_text(
        f"{blueprint.read_text()}\n## More [/more]\n\n### Fetch [FETCH]\n\n+ Response 204\n"
    )
    result = run_command("check", *folders)
    assert result.returncode == 1
    assert ": 5 operations served, 1 refused; 1 error, " in result.stdout
    assert "OK" not in result.stdout


def test_a_message_about_a_whole_file_has_no_line(shipped: Path, folders: tuple[str, ...]) -> None:
    name = "restore-a-trashed-push-notification.200.json"
    (shipped / "schemas/push_notifications" / name).unlink()
    documents: dict[str, Any] = {}
    for format_name in FORMATS:
        result = run_command("check", *folders, "--format", format_name)
        documents[format_name] = result.stdout or result.stderr
    assert f"{name}: warning: this file is missing" in run_command("check", *folders).stderr
    [message] = json.loads(documents["json"])
    assert (message["line"], message["column"], message["code"], message["slug"]) == (
        *(None, None),
        *("", ""),
    )
    assert re.match(rf"::warning file=\S+{re.escape(name)}::this file", documents["github"])
    [run] = json.loads(documents["sarif"])["runs"]
    [result] = run["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]
    assert run["tool"]["driver"]["rules"][0]["id"] == result["ruleId"] == "invalid-file"


def test_an_invalid_setting_is_wrong_usage(shipped: Path, folders: tuple[str, ...]) -> None:
    shutil.rmtree(shipped / "fixtures/push_notifications/scenarios")
    result = run_command("check", *folders, "--scenario", "nope", "--format", "json")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("mockserver: --scenario")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PureWindowsPath(r"C:\my api\a.apib"), "file:///C:/my%20api/a.apib"),
        (PureWindowsPath(r"apis\a b.apib"), "apis/a%20b.apib"),
        (PurePosixPath("/my api/a.apib"), "file:///my%20api/a.apib"),
        (PurePosixPath("apis/a:b.apib"), "apis/a%3Ab.apib"),
    ],
)
def test_a_sarif_log_has_the_uri_of_a_path_of_each_platform(path: PurePath, uri: str) -> None:
    assert sarif._uri(path) == uri
