"""A file in another format than API Blueprint is recognized, with one message in every command."""

from pathlib import Path

import pytest
from helpers.processes import run_command

from mockserver.errors import InvalidFiles
from mockserver.spec import other_formats
from mockserver.spec.blueprint import read_blueprint

COLLECTION = (
    '{"info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, '
    '"item": []}'
)
PAGE = """Widgets
Section:
Widgets [/widgets{?limit}]
List Widgets [GET]
-
Parameters
- limit (number, optional) - How many
-
Response 200 (application/json)
{
"widgets": []
}Widget [/widgets/{id}]
Remove a Widget [DELETE]
- Response 204
"""
OTHER_FORMATS: dict[str, tuple[bytes, str]] = {
    "OpenAPI in YAML": (b"openapi: 3.0.3\ninfo: {}\npaths: {}\n", "an OpenAPI 3.0.3 document"),
    "OpenAPI after comments": (
        b'# Pets\n---\ninfo:\n  title: Pets\nopenapi: "3.1.0"\npaths: {}\n',
        "an OpenAPI 3.1.0 document",
    ),
    "OpenAPI with CRLF": (
        b"openapi: 3.0.3\r\ninfo:\r\n  title: x\r\npaths: {}\r\n",
        "an OpenAPI 3.0.3 document",
    ),
    "OpenAPI that quotes a blueprint": (
        b"openapi: 3.0.3\ninfo:\n  description: |\n    # GET /a\n    + Response 200\npaths: {}\n",
        "an OpenAPI 3.0.3 document",
    ),
    "Swagger in YAML": (b"swagger: '2.0'\ninfo: {}\npaths: {}\n", "a Swagger 2.0 document"),
    "OpenAPI in JSON": (
        b'{"openapi": "3.1.0", "info": {}, "paths": {}}',
        "an OpenAPI 3.1.0 document",
    ),
    "Swagger in JSON": (
        b'\xef\xbb\xbf {"info": {}, "swagger": "2.0", "paths": {}}',
        "a Swagger 2.0 document",
    ),
    "OpenAPI in JSON with a syntax error": (
        b'{"openapi": "3.0.1", "paths": {},}',
        "an OpenAPI 3.0.1 document",
    ),
    "AsyncAPI": (b"asyncapi: 2.6.0\nchannels: {}\n", "an AsyncAPI 2.6.0 document"),
    "RAML": (b"#%RAML 1.0\ntitle: x\n", "a RAML 1.0 document"),
    "Postman": (COLLECTION.encode(), "a Postman collection"),
    "Insomnia": (b'{"_type": "export", "resources": []}', "an Insomnia export"),
    "HAR": (b'{"log": {"version": "1.2", "entries": []}}', "an HTTP archive"),
    "a parser's result": (
        b'{"element": "parseResult", "content": []}',
        "the output of a blueprint parser",
    ),
    "a JSON Schema": (
        b'{"$schema": "https://json-schema.org/draft/2020-12/schema"}',
        "a JSON Schema",
    ),
    "other JSON": (b"[1, 2]", "a JSON document"),
    "HTML": (b"<!-- saved -->\n<!DOCTYPE html>\n<html></html>", "an HTML page"),
    "HTML without a doctype": (b"<html><body># GET /a</body></html>", "an HTML page"),
    "XML": (b'<?xml version="1.0"?><application/>', "an XML document"),
    "a rendered page": (PAGE.encode(), "the text of a rendered page"),
    "a rendered page with CRLF": (
        PAGE.replace("\n", "\r\n").encode(),
        "the text of a rendered page",
    ),
    "an archive": (b"PK\x03\x04" + bytes(40), "a ZIP archive"),
    "a PDF": (b"%PDF-1.7\n", "a PDF document"),
    "a program": (b"\x7fELF" + bytes(40), "a program"),
    "UTF-16": ("# GET /a".encode("utf-16"), "UTF-16 text"),
    "bytes": (b"abc\0def", "a binary file"),
    "nothing": (b"", "the file is empty"),
    "only white space": (b" \r\n\n\t", "the file is empty"),
}


def message_of(path: Path) -> str:
    with pytest.raises(InvalidFiles) as error:
        read_blueprint(path, path.name)
    [file_error] = error.value.errors
    assert (file_error.position.line, file_error.position.column) == (1, 1)
    return file_error.message


@pytest.mark.parametrize(("content", "kind"), OTHER_FORMATS.values(), ids=OTHER_FORMATS)
def test_the_message_names_the_format_and_the_next_step(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = tmp_path / "a.apib"
    path.write_bytes(content)
    message = message_of(path)
    assert kind in message
    assert any(
        advice in message
        for advice in ("expected the blueprint's source", "convert", "save it as UTF-8")
    )


def test_the_message_for_a_folder_asks_for_a_text_file(tmp_path: Path) -> None:
    assert message_of(tmp_path).startswith("this is a folder; expected a blueprint")


ACTION = "\n# GET /a\n\n+ Response 204\n"
BLUEPRINTS: dict[str, str] = {
    "one that names OpenAPI": (
        f"# A\n\nMade from openapi: 3.0.3, paths: and swagger: 2.0.\n{ACTION}"
    ),
    "one with OpenAPI in a code block": (
        f"# A\n\n```yaml\nopenapi: 3.0.3\ninfo: {{}}\npaths: {{}}\n```\n{ACTION}"
    ),
    "one with metadata of these names": (
        f"FORMAT: 1A\nopenapi: 3.0.3\ninfo: x\npaths: y\n\n# A\n{ACTION}"
    ),
    "one that begins with a comment": f"<!-- <html> -->\n# A\n{ACTION}",
    "one with HTML in it": f"# A\n\n<html><body>x</body></html>\n{ACTION}",
    "one with an OpenAPI document as a body": (
        "# A\n\n# GET /a\n\n+ Response 200 (application/json)\n\n"
        '        {"openapi": "3.0.3", "paths": {}}\n'
    ),
    "one with the words of a page": f"# A\n\nList Widgets [GET]\n\nResponse 200\n{ACTION}",
    "one with underlined headings": (
        "A\n=\n\nThings [/a]\n-----------\n\nList [GET]\n----------\n\n+ Response 204\n"
    ),
}


@pytest.mark.parametrize("text", BLUEPRINTS.values(), ids=BLUEPRINTS)
def test_a_blueprint_is_not_taken_for_another_format(tmp_path: Path, text: str) -> None:
    assert other_formats.foreign_format_error(text.encode()) is None
    path = tmp_path / "a.apib"
    path.write_text(text)
    assert read_blueprint(path).operations


OPENAPI = "openapi: 3.0.3\ninfo: {}\npaths: {}\n"


@pytest.fixture
def openapi_folder(tmp_path: Path) -> Path:
    """A folder with an OpenAPI document in each place where a user can put it."""
    (tmp_path / "named/pets").mkdir(parents=True)
    (tmp_path / "other/pets").mkdir(parents=True)
    for place in ("openapi.yaml", "named/pets/pets.apib", "other/pets/openapi.yaml"):
        (tmp_path / place).write_text(OPENAPI)
    return tmp_path


CALLS: dict[str, tuple[list[str], int]] = {
    "init": (["init", "openapi.yaml", "--schemas", "s", "--fixtures", "f"], 1),
    "check of a file": (["check", "openapi.yaml"], 1),
    "check of a folder": (["check", "--schemas", "named"], 1),
    "schemas of a folder": (["schemas", "--check", "--schemas", "named"], 1),
    "a folder without an API": (["check", "--schemas", "other"], 1),
    "check of a file as a folder": (["check", "--schemas", "openapi.yaml"], 2),
    "routes of a file as a folder": (["operations", "--schemas", "openapi.yaml"], 2),
    "fixtures that are a file": (["fixtures", "--fixtures", "openapi.yaml"], 2),
}


@pytest.mark.parametrize(("call", "code"), CALLS.values(), ids=CALLS)
def test_every_command_names_the_format(openapi_folder: Path, call: list[str], code: int) -> None:
    words = []
    for word in call:
        path = openapi_folder / word
        if path.exists() or word in ("s", "f"):
            words.append(str(path))
        else:
            words.append(word)
    result = run_command(*words)
    assert result.returncode == code
    assert "this is" not in result.stdout
    assert (
        result.stderr.count("this is an OpenAPI 3.0.3 document; mockserver reads API Blueprint")
        == 1
    )


def test_the_message_names_the_variable_that_has_a_file(
    openapi_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_SCHEMAS", str(openapi_folder / "openapi.yaml"))
    result = run_command("check")
    assert result.returncode == 2
    assert "MOCKSERVER_SCHEMAS: expected a folder, got the file" in result.stderr


def test_an_unused_blueprint_next_to_its_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "pets.apib").write_text(f"# A\n{ACTION}")
    result = run_command("check", "--schemas", str(tmp_path))
    assert result.returncode == 1
    message = "this blueprint is not in a folder of the same name; move it to pets/pets.apib"
    assert f"pets.apib:1:1: error: {message}" in result.stderr


def test_check_reads_a_single_blueprint(tmp_path: Path) -> None:
    path = tmp_path / "a.apib"
    path.write_text(f"# A\n{ACTION}")
    assert run_command("check", str(path)).stdout == (
        f"{path}: OK, 1 operation served, 0 refused; 0 errors, 0 warnings\n"
    )
    path.write_text("# A\n\n# GET /a\n\n+ Answer 204\n")
    result = run_command("check", str(path))
    assert (result.returncode, "a.apib:3:3" in result.stderr) == (1, True)
    assert result.stdout == f"{path}: no operation served (2 errors, 0 warnings)\n"
