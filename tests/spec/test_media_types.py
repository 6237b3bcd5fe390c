"""Media types that are JSON, and responses without a media type or without an example."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from helpers.blueprint_messages import blueprint_messages
from helpers.generated_apis import CASES, ONE_ACTION, folder_flags, generate_client
from helpers.processes import run_command

from mockserver.spec.description import is_json
from mockserver.spec.schemas.instances import schema_instance

JSON = [
    "application/json",
    "Application/JSON ; charset=utf-8",
    "text/json",
    "application/x-json",
    "application/hal+json",
    "application/vnd.x+json; charset=utf-8",
    "application/problem+json",
]
OTHERS = [
    None,
    "",
    "text/plain",
    "application/x-ndjson",
    "application/stream+json",
    "application/json-seq",
    "application/jsonlines",
    "application/json5",
    "application/geo+json-seq",
    "application/x-www-form-urlencoded; note=json",
]


@pytest.mark.parametrize("content_type", JSON)
def test_the_media_type_of_one_json_text_is_json(content_type: str) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize("content_type", OTHERS)
def test_a_sequence_or_an_extension_of_json_is_text(content_type: str | None) -> None:
    assert not is_json(content_type)


def test_attributes_without_a_media_type_are_json(tmp_path: Path) -> None:
    response = generate_client(tmp_path, CASES / "attributes.apib").get("/t")
    assert (response.status_code, response.content_type, response.json) == (
        200,
        "application/json",
        {"a": 1},
    )


def test_a_schema_without_an_example_generates_a_value(tmp_path: Path) -> None:
    response = generate_client(tmp_path, CASES / "empty_body.apib").get("/t")
    assert (response.status_code, response.content_type, response.json) == (
        200,
        "application/json",
        {},
    )


def test_lines_of_json_are_sent_as_documented(tmp_path: Path) -> None:
    response = generate_client(tmp_path, CASES / "json_lines.apib").get("/t")
    assert (response.status_code, response.content_type) == (200, "application/x-ndjson")
    assert response.data == b'{"a": 1}\n{"a": 2}'


def test_a_stream_of_json_is_sent_as_documented(tmp_path: Path) -> None:
    text = (CASES / "json_lines.apib").read_text().replace("x-ndjson", "stream+json")
    response = generate_client(tmp_path, text).get("/t")
    assert (response.status_code, response.content_type) == (200, "application/stream+json")
    assert response.data == b'{"a": 1}\n{"a": 2}'


RESPONSES: dict[str, tuple[str, str | None, bytes]] = {
    "schema, no media type": (
        "+ Response 200\n    + Schema\n\n"
        '            {"type": "array", "items": {"type": "integer"}}\n',
        "application/json",
        b"[0]",
    ),
    "attributes and a JSON body": (
        "+ Response 200\n    + Attributes\n        + a: 1 (number)\n\n"
        '    + Body\n\n            {"a": 2}\n',
        "application/json",
        b'{"a":2}',
    ),
    "attributes and a text": (
        "+ Response 200\n    + Attributes\n        + a: 1 (number)\n\n"
        "    + Body\n\n            a is 2\n",
        None,
        b"a is 2",
    ),
    "attributes of XML": (
        "+ Response 200 (application/xml)\n    + Attributes\n        + a: 1 (number)\n",
        "application/xml",
        b"",
    ),
    "vendor type with a charset": (
        '+ Response 200 (application/vnd.x+json; charset=utf-8)\n\n        {"a": 1}\n',
        "application/vnd.x+json; charset=utf-8",
        b'{"a":1}',
    ),
    "text/json": ('+ Response 200 (text/json)\n\n        {"a":  1}\n', "text/json", b'{"a":1}'),
    "json5": (
        "+ Response 200 (application/json5)\n\n        {a: 1}\n",
        "application/json5",
        b"{a: 1}",
    ),
    "a text of JSON": (
        '+ Response 200 (application/json)\n\n        "hello"\n',
        "application/json",
        b'"hello"',
    ),
    "null": ("+ Response 200 (application/json)\n\n        null\n", "application/json", b"null"),
    "nothing at all": ("+ Response 200 (application/json)\n", "application/json", b""),
    "empty, together with JSON": (
        '+ Response 200\n\n+ Response 200 (application/json)\n\n        {"a": 1}\n',
        None,
        b"",
    ),
}


@pytest.mark.parametrize("case", RESPONSES)
def test_a_response_is_sent_with_its_content_type_and_body(tmp_path: Path, case: str) -> None:
    text, content_type, body = RESPONSES[case]
    response = generate_client(tmp_path, ONE_ACTION + text).get("/v2/t")
    assert (response.status_code, response.content_type, response.data) == (200, content_type, body)


def test_check_warns_of_attributes_without_a_body(tmp_path: Path) -> None:
    generate_client(tmp_path, ONE_ACTION + RESPONSES["attributes of XML"][0])
    result = run_command("check", *folder_flags(tmp_path))
    assert "a.apib:10:3: " in result.stderr
    assert (
        "Show 200 has no example body, and application/xml is not JSON; expected a `+ Body`. "
        "The response has no body. [B602]\n"
    ) in result.stderr
    assert result.returncode == 0


SCHEMAS: list[tuple[Any, Any]] = [
    (
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"type": "string", "format": "uuid"}},
        },
        None,
    ),
    (
        {
            "$ref": "#/$defs/a",
            "$defs": {"a": {"type": "object", "properties": {"next": {"$ref": "#/$defs/a"}}}},
        },
        None,
    ),
    (
        {
            "type": "object",
            "required": ["kids"],
            "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}},
        },
        None,
    ),
    (
        {"allOf": [{"required": ["a"], "properties": {"a": {"const": 3}}}, {"required": ["b"]}]},
        {"a": 3, "b": {}},
    ),
    ({"oneOf": [{"type": "string", "pattern": "^zz9$"}, {"enum": ["x"]}]}, "x"),
    ({"type": "integer", "minimum": 15, "multipleOf": 7}, 21),
    ({"type": ["null", "string"], "minLength": 9}, "stringggg"),
    ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [False, False]),
    ({"type": "object", "examples": [{"a": 1}]}, {"a": 1}),
    (
        {"$schema": "http://json-schema.org/draft-04/schema#", "type": "string", "format": "date"},
        "2026-01-01",
    ),
]


@pytest.mark.parametrize(
    ("schema", "value"), SCHEMAS, ids=lambda schema: orjson.dumps(schema).decode()[:60]
)
def test_a_value_is_built_from_a_schema(schema: Any, value: Any) -> None:
    instance = schema_instance(schema)
    assert value is None or instance == value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^zz9$"},
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
        {"type": "array", "minItems": 1_000_000_000, "items": {"type": "string"}},
        {"type": "object", "required": "a"},
        False,
    ],
    ids=str,
)
def test_a_schema_that_no_candidate_fits_has_no_value(schema: Any) -> None:
    with pytest.raises(ValueError, match=r"no value|invalid JSON Schema"):
        schema_instance(schema)


def test_attributes_that_fit_the_schema_are_the_example(tmp_path: Path) -> None:
    schema = '{"type": "object", "properties": {"a": {"type": "integer"}}}'
    text = (
        "+ Response 200 (application/json)\n    + Attributes\n        + a: 7 (number)\n\n"
        f"    + Schema\n\n            {schema}\n"
    )
    assert generate_client(tmp_path, ONE_ACTION + text).get("/v2/t").json == {"a": 7}


TEXT = """# GET /a

+ Response 200 ({content_type})

        é;b
"""


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/csv; charset=iso-8859-1", b"\xe9;b"),
        ('text/csv;CHARSET="Windows-1252"', b"\xe9;b"),
        ("text/csv; charset=utf-16-le", "é;b".encode("utf-16-le")),
        ("text/csv; charset=utf-8", "é;b".encode()),
        ("text/csv", "é;b".encode()),
    ],
)
def test_a_text_is_sent_in_its_documented_charset(
    tmp_path: Path, content_type: str, body: bytes
) -> None:
    blueprint = tmp_path / "text.apib"
    blueprint.write_text(TEXT.format(content_type=content_type), encoding="utf-8")
    response = generate_client(tmp_path, blueprint).get("/a")
    # The body ends with a line break, which UTF-16 encodes with a NUL.
    assert response.data.rstrip(b"\n\x00") == body.rstrip(b"\x00")


@pytest.mark.parametrize(
    ("content_type", "line"),
    [
        (
            "text/csv; charset=ascii",
            "5:9: the charset ascii cannot encode 'é' of the example body; use utf-8",
        ),
        ("text/csv; charset=klingon", "3:3: unknown charset 'klingon'; use utf-8"),
    ],
)
def test_a_charset_that_cannot_encode_the_text_is_a_warning_and_the_text_is_sent_as_utf_8(
    tmp_path: Path, content_type: str, line: str
) -> None:
    text = TEXT.format(content_type=content_type)
    assert blueprint_messages(text) == [line]
    path = tmp_path / "text.apib"
    path.write_text(text, encoding="utf-8")
    response = generate_client(tmp_path, path).get("/a")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data == "é;b".encode()
