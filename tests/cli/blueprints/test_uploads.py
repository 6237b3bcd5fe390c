"""The process that completes an upload, and its limits."""

import logging
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.console import named_files
from helpers.own_api import OWN_API_PAGE

from mockserver.cli.blueprints import upload_limits, upload_process, uploads
from mockserver.contract.api_files import ApiFiles
from mockserver.errors import ApiInvalid, InternalError

NOTES = ApiFiles("notes", dict(named_files(OWN_API_PAGE))["notes.apib"])


def test_the_process_returns_the_same_files_as_the_function() -> None:
    complete = uploads.complete_api(NOTES)
    assert complete == uploads.read_result(upload_process.complete(NOTES))
    assert {"effects.yaml", "recipes.yaml", "records/notes.yaml"} == complete.files.fixtures.keys()
    assert "list-notes.200.json" in complete.files.schemas


def test_a_crash_of_the_process_is_an_internal_error_with_a_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(uploads, "_PROCESS", "mockserver.nothing")
    with caplog.at_level(logging.ERROR), pytest.raises(InternalError):
        uploads.complete_api(NOTES)
    assert "No module named mockserver.nothing" in caplog.text


def test_the_process_imports_nothing_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "faker.py").write_text("raise SystemExit('wrong module')\n")
    monkeypatch.chdir(tmp_path)
    assert uploads.complete_api(NOTES).files.fixtures


def test_a_process_without_a_result_in_time_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_SECONDS", 0.01)
    with pytest.raises(ApiInvalid, match="takes longer than 0"):
        uploads.complete_api(NOTES)


@pytest.mark.parametrize(
    ("exit_code", "reason"),
    [
        (-signal.SIGXCPU, "60 seconds of CPU time"),
        (-signal.SIGKILL, "ended by the system, usually because it has too little memory"),
        (upload_limits.OUT_OF_MEMORY, "2048 MB of memory"),
    ],
)
def test_a_limit_of_the_process_is_an_invalid_api(exit_code: int, reason: str) -> None:
    with pytest.raises(ApiInvalid, match=reason):
        uploads._complete(exit_code, b"", "")


def test_too_many_operations_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_process, "MAX_OPERATIONS", 3)
    result = upload_process.complete(NOTES)
    assert result["files"] is None
    assert "4 operations; expected at most 3" in result["messages"][0]["message"]


def test_too_many_bytes_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_process, "MAX_BYTES", 1000)
    result = upload_process.complete(NOTES)
    assert result["files"] is None
    assert "expected at most 1000" in result["messages"][0]["message"]


def test_a_sent_schema_replaces_the_derived_one() -> None:
    derived = uploads.read_result(upload_process.complete(NOTES)).files.schemas
    schema = derived["list-notes.200.json"].replace("List Notes", "My Notes")
    sent = replace(NOTES, schemas={"list-notes.200.json": schema})
    complete = uploads.read_result(upload_process.complete(sent))
    assert complete.files.schemas["list-notes.200.json"] == schema
    assert [message["file"] for message in complete.messages] == ["list-notes.200.json"]
