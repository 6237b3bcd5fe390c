"""`mockserver coverage`: sources, reports, limits and exit codes."""

import json
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from helpers.pages import running_page_server
from helpers.processes import run_command
from helpers.shop_coverage import ITEMS, coverage_document, write_document

from mockserver.cli.coverage import FORMATS


@pytest.fixture
def shard(tmp_path: Path) -> str:
    """Return the file of a document: 3 of 9 items, 3 of the 7 of the called operation."""
    return write_document(tmp_path / "shard.json", coverage_document())


def written(folder: Path, name: str, served: Mapping[str, list[int]]) -> str:
    """Write a document of one test, and return its file."""
    document = coverage_document(served, tests=[("w1", "other")])
    return write_document(folder / name, document)


TEXT = """\
served  of  share
3       9   33.3 %  whole contract
3       7   42.8 %  operations that were called
3       6   50.0 %  operations that were called, without exclusions

operation        called  statuses  parameters  request members  response members  lists  scenarios
list-orders      yes     1/1       1/2         -                -                 0/1    0/1
create-an-order  no      0/1       -           -                -                 -      -

excluded by coverage.yaml:
  list-orders 404  not in our app

list-orders (GET /orders): 2 items not served
  query limit "a|b`c"  send limit=a|b
  200 /orders empty    Prefer: data=empty

create-an-order (POST /orders): not called, 2 items not served

scenarios: 1 item not served
  scenario sold-out  its record does not exist
"""


def test_the_text_has_the_denominators_the_operations_the_exclusions_and_the_gaps(
    tmp_path: Path,
) -> None:
    document = coverage_document(excluded={"list-orders 404": "not in our app"})
    ended = run_command("coverage", write_document(tmp_path / "a.json", document))
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", TEXT)


def test_scenarios_of_operations_that_were_not_called_are_counted(tmp_path: Path) -> None:
    document = coverage_document()
    other = {**document["items"][-1], "id": "scenario late", "operations": ["create-an-order"]}
    document["items"].append(other)
    lines = run_command("coverage", write_document(tmp_path / "a.json", document)).stdout
    assert lines.splitlines()[-3:] == [
        "scenarios: 2 items not served",
        "  scenario sold-out  its record does not exist",
        "  1 item of operations that were not called",
    ]


def test_text_of_a_document_cannot_control_the_terminal(tmp_path: Path) -> None:
    document = coverage_document()
    document["items"][2]["closed_by"] = "\x1b[2J\nx"
    ended = run_command("coverage", write_document(tmp_path / "a.json", document))
    assert "\x1b" not in ended.stdout
    assert "\\x1b[2J\\nx\n" in ended.stdout


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "text"])
def test_a_document_for_programs_is_alone_on_stdout(name: str, shard: str) -> None:
    ended = run_command("coverage", shard, "--format", name)
    assert ended.returncode == 0
    assert ended.stderr.splitlines() == [
        "served  of  share",
        "3       9   33.3 %  whole contract",
        "3       7   42.8 %  operations that were called",
        "3       7   42.8 %  operations that were called, without exclusions",
    ]
    assert "served  of  share" not in ended.stdout


def test_one_call_writes_several_reports(shard: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    options = []
    for name in FORMATS:
        options += ["--report", f"{name}={folder}/{name}.out"]
    ended = run_command("coverage", shard, *options)
    assert ended.returncode == 0
    assert ended.stdout == (folder / "text.out").read_text()
    assert json.loads((folder / "json.out").read_text())["summary"]["called"]["served"] == 3
    assert json.loads((folder / "ctrf.out").read_text())["reportFormat"] == "CTRF"
    for name in ("junit", "cobertura"):
        ElementTree.parse(folder / f"{name}.out")
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{f}.out" for f in FORMATS)


def test_shards_are_merged(shard: str, tmp_path: Path) -> None:
    other = written(tmp_path, "b.json", {"create-an-order": [0]})
    merged = json.loads(run_command("coverage", shard, other, "--format", "json").stdout)
    assert merged["summary"]["contract"]["served"] == 4
    assert len(merged["tests"]) == 3


def test_a_server_is_a_source_like_a_file(shard: str, tmp_path: Path) -> None:
    folder = tmp_path / "pages" / "__admin"
    folder.mkdir(parents=True)
    (folder / "coverage").write_text(json.dumps(coverage_document({"create-an-order": [0]})))
    with running_page_server(folder.parent) as port:
        ended = run_command("coverage", f"http://127.0.0.1:{port}", shard)
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[1] == "4       9   44.4 %  whole contract"


def test_a_server_that_returns_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "__admin").mkdir()
    (tmp_path / "__admin" / "coverage").write_text('{"coverage": 1}')
    with running_page_server(tmp_path) as port:
        ended = run_command("coverage", f"http://127.0.0.1:{port}")
    assert ended.returncode == 1
    assert f"http://127.0.0.1:{port}: not a coverage document" in ended.stderr


@pytest.mark.parametrize(
    ("minimum", "code"),
    [("0", 0), ("42.8", 0), ("42.857", 0), ("42.858", 1), ("43", 1), ("100", 1)],
)
def test_fail_under_compares_the_called_operations_exactly(
    minimum: str, code: int, shard: str
) -> None:
    ended = run_command("coverage", shard, "--fail-under", minimum)
    assert ended.returncode == code
    message = (
        f"mockserver: --fail-under {minimum}: 42.8 % of the operations that were called "
        "was served (3 of 7 items)\n"
    )
    assert ended.stderr == message * code


def test_fail_under_passes_if_the_share_is_equal(tmp_path: Path) -> None:
    document = coverage_document({item[0]: [0] for item in ITEMS})
    file = write_document(tmp_path / "all.json", document)
    assert run_command("coverage", file, "--fail-under", "100").returncode == 0


def test_fail_under_fails_if_no_operation_was_called(tmp_path: Path) -> None:
    ended = run_command("coverage", written(tmp_path, "a.json", {}), "--fail-under", "1")
    assert (ended.returncode, ended.stderr) == (
        1,
        "mockserver: --fail-under 1: no operation was called\n",
    )


def test_no_decrease_lists_what_is_not_served_any_more(shard: str, tmp_path: Path) -> None:
    now = written(tmp_path, "now.json", {"list-orders": [0], "list-orders 404": [0]})
    ended = run_command("coverage", now, "--no-decrease", shard)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"mockserver: --no-decrease {shard}: 2 items are not served any more",
        "  list-orders",
        "    list-orders 200: not served; to reach it: GET /orders",
        "    list-orders query limit absent: not served; to reach it: omit limit",
    ]


def test_no_decrease_cannot_control_the_terminal(shard: str, tmp_path: Path) -> None:
    document = coverage_document({"list-orders": [0]})
    document["items"][1]["closed_by"] = "\x1b[2J"
    now = write_document(tmp_path / "now.json", document)
    ended = run_command("coverage", now, "--no-decrease", shard)
    assert "\\x1b[2J" in ended.stderr
    assert "\x1b" not in ended.stderr


def test_no_decrease_passes_if_more_is_served(shard: str, tmp_path: Path) -> None:
    more = written(tmp_path, "b.json", {"create-an-order": [0]})
    ended = run_command("coverage", shard, more, "--no-decrease", shard)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_no_decrease_accepts_an_exclusion(shard: str, tmp_path: Path) -> None:
    served = {"list-orders": [0], "list-orders 200": [0]}
    document = coverage_document(served, excluded={"list-orders query limit absent": "always sent"})
    now = write_document(tmp_path / "now.json", document)
    assert run_command("coverage", now, "--no-decrease", shard).returncode == 0


def test_no_decrease_compares_only_items_of_both_contracts(shard: str, tmp_path: Path) -> None:
    document = coverage_document({"list-orders": [0]}, fingerprint="sha256:1")
    del document["items"][3]  # it was served
    document["items"][1]["id"] = "list-orders 202"  # in place of 200, which was served
    now = write_document(tmp_path / "now.json", document)
    ended = run_command("coverage", now, "--no-decrease", shard)
    assert ended.returncode == 0
    common = "only items of both contracts are compared"
    assert ended.stderr == f"mockserver: warning: {shard} is of another contract; {common}\n"


def test_both_limits_are_reported(shard: str, tmp_path: Path) -> None:
    now = written(tmp_path, "now.json", {"list-orders": [0]})
    ended = run_command("coverage", now, "--fail-under", "90", "--no-decrease", shard)
    assert ended.returncode == 1
    assert "--fail-under 90" in ended.stderr
    assert "--no-decrease" in ended.stderr


def test_a_sandbox_is_counted_alone(shard: str) -> None:
    ended = run_command("coverage", shard, "--sandbox", "w0-list")
    assert ended.stdout.splitlines()[1] == "2       9   22.2 %  whole contract"


def test_the_sandbox_of_a_url_is_counted_alone(tmp_path: Path) -> None:
    folder = tmp_path / "~w0-list" / "__admin"
    folder.mkdir(parents=True)
    (folder / "coverage").write_text(json.dumps(coverage_document()))
    with running_page_server(tmp_path) as port:
        ended = run_command("coverage", f"http://127.0.0.1:{port}/~w0-list/")
    assert ended.stdout.splitlines()[1] == "2       9   22.2 %  whole contract"


def test_an_incomplete_coverage_is_a_warning(tmp_path: Path) -> None:
    document = coverage_document(complete=False)
    ended = run_command("coverage", write_document(tmp_path / "a.json", document))
    assert ended.returncode == 0
    assert ended.stderr.startswith("mockserver: warning: the store could not keep each item")


WRONG = [
    (["--fail-under", "101"], 2, "expected a number from 0 to 100, got '101'"),
    (["--fail-under", "80%"], 2, "expected a number from 0 to 100, got '80%'"),
    (["--fail-under", "nan"], 2, "expected a number from 0 to 100, got 'nan'"),
    (["--fail-under", "-1"], 2, "--fail-under"),
    (["--format", "xml"], 2, "got 'xml'"),
    (["--report", "html"], 2, "expected FORMAT=FILE with a format of text, json, junit"),
    (["--report", "pdf=x"], 2, "expected FORMAT=FILE with a format of text, json, junit"),
    (["--report", "html="], 2, "expected FORMAT=FILE"),
    (["--report", "html=/dev/null"], 2, "expected a regular file, got '/dev/null'"),
    (["--report", "html=tests"], 2, "expected a regular file, got 'tests'"),
    (["--sandbox", "nope"], 2, "no requests of sandbox 'nope'; it has: default, w0-list"),
    (["--no-decrease", "/nowhere.json"], 1, "/nowhere.json: cannot be read"),
    (["/nowhere.json"], 1, "/nowhere.json: cannot be read: No such file or directory; expected"),
    (["localhost:8080"], 2, "did you mean http://localhost:8080?"),
    (["tests"], 1, "tests: cannot be read: Is a directory"),
    (["setup.cfg"], 1, "setup.cfg:1:2: invalid JSON"),
    (["http://127.0.0.1:1"], 1, "no mock server is reachable at http://127.0.0.1:1"),
    (["ftp://127.0.0.1"], 2, "invalid server URL 'ftp://127.0.0.1'"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "message"), WRONG, ids=[" ".join(a) for a, _, _ in WRONG]
)
def test_wrong_input_is_reported_without_a_traceback(
    arguments: list[str], code: int, message: str, shard: str
) -> None:
    ended = run_command("coverage", shard, *arguments)
    assert ended.returncode == code, ended.stderr
    assert message in ended.stderr
    assert ended.stdout == ""


def test_the_errors_of_all_files_are_reported_together(shard: str) -> None:
    ended = run_command("coverage", "/nowhere.json", shard, "setup.cfg", "--no-decrease", "x.json")
    names = [line.split(":")[0] for line in ended.stderr.splitlines()]
    assert (ended.returncode, names) == (1, ["/nowhere.json", "setup.cfg", "x.json"])


def test_files_of_different_contracts_are_refused(shard: str, tmp_path: Path) -> None:
    document = coverage_document(fingerprint="sha256:1")
    document["items"][2]["id"] = "list-orders 410"
    other = write_document(tmp_path / "other.json", document)
    ended = run_command("coverage", shard, other)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"{other}: another contract than {shard}: only {shard} has 'list-orders 404', "
        f"and only {other} has 'list-orders 410'; "
        "merge only files of the same contract and coverage.yaml\n"
    )
