"""Arguments select blueprints: files, folders and patterns."""

from pathlib import Path

import pytest

from mockserver.cli.blueprints.arguments import blueprint_files, watched_paths
from mockserver.errors import UsageError

FILES = (
    "a.apib",
    "b.md",
    "notes.txt",
    "deep/er/c.apib",
    "deep/D.APIB",
    ".hidden/e.apib",
    "node_modules/x/readme.md",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# A\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["a.apib"], ["a.apib"]),
        (["notes.txt", "none.apib"], ["notes.txt", "none.apib"]),
        (["."], ["a.apib", "b.md", "deep/D.APIB", "deep/er/c.apib"]),
        (["deep"], ["deep/D.APIB", "deep/er/c.apib"]),
        (["*.apib"], ["a.apib"]),
        (["*"], ["a.apib", "b.md"]),
        (["**/*.apib"], ["a.apib", "deep/er/c.apib"]),
        (["[ab].*", "deep/**"], ["a.apib", "b.md", "deep/D.APIB", "deep/er/c.apib"]),
        (["b.md", "*.md", "./a.apib", "a.apib"], ["b.md", "a.apib"]),
    ],
)
def test_files_folders_and_patterns(folder: Path, arguments: list[str], names: list[str]) -> None:
    assert [str(file.path) for file in blueprint_files(arguments)] == names
    assert {str(path) for path in watched_paths(arguments)} >= set(names)


def test_only_files_that_are_arguments_are_named(folder: Path) -> None:
    assert [file.named for file in blueprint_files(["b.md", "a.*", "deep"])] == [
        True,
        False,
        False,
        False,
    ]
    assert [file.named for file in blueprint_files(["*.apib", "a.apib"])] == [True]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(folder: Path) -> None:
    (folder / "v[1].apib").write_text("# A\n")
    (file,) = blueprint_files(["v[1].apib"])
    assert (str(file.path), file.named) == ("v[1].apib", True)


def test_a_pattern_or_a_folder_without_a_blueprint_is_wrong_usage(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(UsageError) as caught:
        blueprint_files(["*.raml", "a.apib", "empty"])
    lines = str(caught.value).splitlines()
    assert lines == [
        "FILE: no blueprint matches '*.raml'; "
        "expected at least one file with the suffix .apib or .md",
        "FILE: no blueprint matches 'empty'; "
        "expected at least one file with the suffix .apib or .md",
    ]


def test_an_empty_argument_is_not_the_current_folder(folder: Path) -> None:
    with pytest.raises(UsageError, match="no blueprint matches ''"):
        blueprint_files([""])
