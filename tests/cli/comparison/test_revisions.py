"""Reading the two sides from Git revisions, which need no checkout."""

import os
import subprocess
from pathlib import Path

import pytest
from helpers.contract_diffs import VIEW

from mockserver import cli

VOTE = "\n### Vote [POST]\n\n+ Response 201\n"


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Anna", "-c", "user.email=anna@example.com")
    # The user's configuration may sign commits, or run hooks.
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    call = ["git", *identity, *arguments]
    subprocess.run(call, cwd=folder, env=environ, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository: the tag `v1` has an operation that the working tree lacks."""
    folder = tmp_path_factory.mktemp("repository")
    schemas = folder / "schemas/polls"
    (schemas / "parts").mkdir(parents=True)
    (schemas / "polls.apib").write_text(f"{VIEW}\n<!-- include(parts/vote.md) -->\n")
    (schemas / "parts/vote.md").write_text(VOTE)
    (schemas / "link.apib").symlink_to("polls.apib")
    (folder / "a:b.apib").write_text(VIEW)
    (folder / "prose").mkdir()
    (folder / "prose/README.md").write_text("Prose.\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "tag", "v1")
    (schemas / "parts/vote.md").unlink()
    (schemas / "polls.apib").write_text(VIEW)
    return folder


@pytest.fixture(autouse=True)
def _in_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)


REVISIONS = {
    "file": "v1:schemas/polls/polls.apib",
    "folder of an API": "v1:schemas/polls",
    "folder with a slash": "v1:schemas/polls/",
    "folder of all APIs": "v1:schemas",
    "commit": "HEAD:schemas",
}


@pytest.mark.parametrize("old", REVISIONS.values(), ids=REVISIONS)
def test_a_revision_is_read_with_its_included_files(
    old: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", old, "schemas"]) == 1
    revision = old.partition(":")[0]
    out = capsys.readouterr().out
    assert "OP-REMOVED" in out
    assert f"{revision}:schemas/polls/parts/vote.md:2:5 (OLD)" in out


def test_the_root_of_a_revision_is_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["diff", "v1:", "v1:"]) == 0
    assert capsys.readouterr().out == "No change affects a request or a response.\n"


def test_a_dot_starts_at_the_working_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "schemas")
    assert cli.main(["diff", "v1:./polls", "v1:../schemas/polls/polls.apib"]) == 0
    assert cli.main(["diff", "v1:schemas", "v1:."]) == 0


def test_an_annotation_has_the_path_without_the_revision(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli.main(["diff", "v1:schemas", "schemas", "--format", "github"])
    assert "::error file=schemas/polls/parts/vote.md,line=2," in capsys.readouterr().out


def test_an_existing_file_with_a_colon_is_a_file() -> None:
    assert cli.main(["diff", "a:b.apib", "a:b.apib"]) == 0


ERRORS = {
    "unknown revision": ("v2:schemas", "unknown revision 'v2'"),
    "option": ("--output=x:schemas", "unknown revision '--output=x'"),
    "unknown path": ("v1:schemas/none.apib", "has no 'schemas/none.apib'"),
    "outside": ("v1:../x", "outside the repository"),
    "link": ("v1:schemas/polls/link.apib", "is a link"),
    "no blueprint": ("v1:prose", "no file has an operation"),
    "drive": ("C:\\x.apib", "C:\\x.apib:1:1: error: the file cannot be read"),
    "URL": ("https://example.com/a.apib", "is a URL"),
    "null character": ("v1\0:a", "null"),
    "missing file": ("none.apib", "none.apib:1:1: error: the file cannot be read"),
    "empty": ("", "no blueprint matches ''"),
}


@pytest.mark.parametrize(("old", "error"), ERRORS.values(), ids=ERRORS)
def test_a_revision_that_cannot_be_read_is_an_error(
    old: str, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", "--", old, "v1:none"]) == 2
    printed = capsys.readouterr()
    assert error in printed.err
    assert "has no 'none'" in printed.err
    assert "mockserver-diff-" not in printed.err
    assert printed.out == ""


def test_a_folder_outside_a_repository_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["diff", "v1:a", "v1:b"]) == 2
    assert "this folder is not in a Git repository (git: " in capsys.readouterr().err


def test_a_missing_git_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    assert cli.main(["diff", "v1:a", "v1:b"]) == 2
    assert "the program `git` cannot be started" in capsys.readouterr().err


def test_messages_about_a_revision_have_its_name(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{VIEW}\n### Drop [DELETEE]\n\n+ Response 204\n"
    (repository / "schemas/polls/polls.apib").write_text(text)
    git(repository, "commit", "--quiet", "--all", "--message", "second")
    assert cli.main(["diff", "HEAD:schemas", "HEAD:schemas"]) == 0
    assert "HEAD:schemas/polls/polls.apib:9:5: error: unknown method" in capsys.readouterr().err
