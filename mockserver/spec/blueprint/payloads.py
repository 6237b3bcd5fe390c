"""Read `+ Request`, `+ Response` and `+ Model`: headers, example body, schema and attributes.

Source: API Blueprint 1A, "Payload section", "Resource model section", "Headers section", "Body
section", "Schema section" and "Attributes section".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson

from mockserver.errors import Position
from mockserver.formats.documented_headers import control_character, reason_not_sent
from mockserver.formats.header_text import TOKEN
from mockserver.formats.json_schema import schema_violations
from mockserver.formats.older_schemas import convert_schema
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.items import Section
from mockserver.spec.blueprint.json_errors import find_json_error
from mockserver.spec.blueprint.json_repair import repair_json, repair_summary
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import parse_signature
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.description import DataType, Payload, charset, media_type

Headers = list[tuple[str, str]]

# RFC 9110, sections 5.1 and 5.6.2: the name of a field is a token.
_HEADER = re.compile(rf"(?P<name>{TOKEN})\s*:\s*(?P<value>.*)")
_HEADER_WITHOUT_COLON = re.compile(
    r"(?P<name>[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+|Location|ETag|Link|Authorization)\s+(?P<value>.*)"
)
_MODEL_REFERENCE = re.compile(r"\[(?P<name>[^\[\]]+)\]\s?\[\]")


class Payloads:
    """Reads payloads, and keeps the models that payloads can refer to."""

    def __init__(self, source: Source, types: Types, host: str = "") -> None:
        self.source = source
        self.types = types
        self.host = host
        """The URL in the metadata `HOST`; empty if there is none."""
        self._models: dict[str, Payload] = {}

    def declare_model(self, name: str, section: Section) -> None:
        """Register the model of a resource. Register all models before reading other payloads."""
        self._models[name] = self.read(section)

    def read(self, section: Section, inherited: Sequence[Section] = ()) -> Payload:
        """Return the payload of a request, response or model. Messages are added to the source.

        Args:
            section: The section of the payload.
            inherited: The headers of its resource and action.
        """
        self._check_duplicates(section)
        headers = self._headers(section, inherited)
        model = self._referenced_model(section)
        if model:
            return _from_model(model, section, headers)
        payload, schema_position = self._build(section, headers)
        if section.kind != "request" and _implies_json(payload):
            payload = replace(payload, content_type="application/json")
        return self._readable(payload, schema_position)

    def _check_duplicates(self, section: Section) -> None:
        for kind in ("attributes", "body", "schema"):
            for duplicate in section.subsections(kind)[:-1]:
                message = f"duplicate {kind} section; expected one"
                self.source.report(messages.DUPLICATE_PAYLOAD_SECTION, duplicate.position, message)

    def _build(self, section: Section, headers: Headers) -> tuple[Payload, Position | None]:
        """Return the payload as documented, and the position of its schema."""
        description, body_blocks = _split_body(section)
        content_type = section.capture("type") or _content_type(headers)
        body, body_position = self._text([*body_blocks, *_nested_blocks(section, "body")])
        schema, schema_position = self._text(_nested_blocks(section, "schema"))
        data: DataType | None = None
        attributes = section.subsections("attributes")
        if attributes:
            data = self.attributes(attributes[-1])
        payload = Payload(
            name=section.capture("name"),
            content_type=content_type,
            headers=_without_content_type(headers),
            body=body,
            schema=schema,
            data=data,
            description=self.source.text([*description, *_nested_blocks(section, "text")]),
            position=section.position,
            body_position=body_position,
        )
        return payload, schema_position

    def _encodable(self, payload: Payload) -> Payload:
        """Return the payload with the charset UTF-8 if its own cannot encode its body."""
        name = charset(payload.content_type)
        position = payload.body_position or payload.position
        try:
            (payload.body or "").encode(name)
        except LookupError:
            message = f"unknown charset {name[:40]!r}; use utf-8"
            self.source.report(messages.UNKNOWN_CHARSET, payload.position, message)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            message = f"the charset {name} cannot encode {character!r} of the example body"
            self.source.report(messages.UNENCODABLE_BODY, position, f"{message}; use utf-8")
        except UnicodeError:  # some codecs do not name the character, such as idna
            message = f"the charset {name} cannot encode the example body; use utf-8"
            self.source.report(messages.UNENCODABLE_BODY, position, message)
        else:
            return payload
        return replace(payload, content_type=f"{media_type(payload.content_type)}; charset=utf-8")

    def attributes(self, section: Section) -> DataType:
        """Return the type of an `+ Attributes` section."""
        line = parse_signature(self.source, section.text, section.position)
        if line.type is None and not any(block.kind == "item" for block in section.blocks):
            message = "empty attributes section; expected a type or members"
            self.source.report(messages.EMPTY_ATTRIBUTES, section.position, message)
        data, _ = self.types.data_type(line, section.blocks, "object")
        return data

    def _referenced_model(self, section: Section) -> Payload | None:
        """Return the model that a payload refers to by `[Name][]`, if it has no other text."""
        if len(section.blocks) != 1 or section.blocks[0].kind != "paragraph":
            return None
        paragraph = section.blocks[0]
        reference = _MODEL_REFERENCE.fullmatch(paragraph.text.strip())
        if reference is None:
            return None
        name = reference["name"]
        names = {model.lower(): model for model in self._models}
        name = names.get(name.lower(), name)
        if name not in self._models:
            expected = ", ".join(sorted(self._models)) or "a resource with a `+ Model`"
            message = f"unknown model {name[:60]!r}; expected {expected}"
            self.source.report(messages.UNKNOWN_MODEL, paragraph.position, message)
        return self._models.get(name)

    def _headers(self, payload: Section, inherited: Sequence[Section]) -> Headers:
        """Return the headers of a payload. Its own replace inherited ones of the same name."""
        headers: Headers = []
        for section in (*inherited, *payload.subsections("headers")):
            own: Headers = []
            for position, line in self._header_lines(section):
                own += self._header(position, line, payload.kind)
            headers = _with_headers(headers, own)
        return headers

    def _header_lines(self, section: Section) -> Iterator[tuple[Position, str]]:
        if not section.blocks:
            message = "empty headers section; expected lines NAME: VALUE, indented by 12 spaces"
            self.source.report(messages.EMPTY_HEADERS, section.position, message)
        for block in section.blocks:
            for number, line in enumerate(block.text.split("\n"), block.position.line):
                if line.strip():
                    yield self.source.position(number, line.strip()), line.strip()

    def _header(self, position: Position, line: str, payload_kind: str) -> Headers:
        """Return the header of a line, or an empty list if it is invalid or is not sent."""
        header = _HEADER.fullmatch(line)
        without_colon = _HEADER_WITHOUT_COLON.fullmatch(line)
        if header is None and without_colon:
            header = without_colon
            message = f"no colon in the header {line[:60]!r}; expected NAME: VALUE"
            self.source.report(messages.HEADER_WITHOUT_COLON, position, message)
        if header is None:
            message = f"invalid header {line[:60]!r}; expected NAME: VALUE"
            self.source.report(messages.INVALID_HEADER, position, message)
            return []
        field_name = header["name"].strip("`")
        name = field_name[:60]
        control = control_character(line)
        if control is not None:
            message = f"the header {name} has the control character {line[control]!a}"
            message = f"{message}; expected plain text"
            position = replace(position, column=position.column + control)
            self.source.report(messages.CONTROL_CHARACTER, position, message)
            return []
        reason = reason_not_sent(field_name)
        if reason and payload_kind != "request":
            message = f"the documented header {name} is not sent: {reason}"
            self.source.report(messages.HEADER_NOT_SENT, position, message)
            return []
        return [(field_name, header["value"].strip())]

    def _text(self, blocks: Sequence[Block]) -> tuple[str | None, Position | None]:
        """Return the text of a body or schema: a single code block, else the lines as typed."""
        if not blocks:
            return None, None
        text = self.source.text(blocks)
        if len(blocks) == 1 and blocks[0].kind == "code":
            text = blocks[0].text.rstrip("\n")
        if not text.strip():
            return None, None
        return text, blocks[0].position

    def _readable(self, payload: Payload, schema_position: Position | None) -> Payload:
        """Return the payload with repaired JSON, and without what cannot be read."""
        if payload.is_json and payload.body is not None and payload.body_position:
            body = self._json("example body", payload.body, payload.body_position)
            if body is None:
                payload = replace(payload, is_text=True)
            else:
                payload = replace(payload, body=body)
        else:
            payload = self._encodable(payload)
        if payload.schema is not None and schema_position:
            schema = self._schema(payload.schema, schema_position)
            payload = replace(payload, schema=schema)
        return payload

    def _schema(self, text: str, start: Position) -> str | None:
        """Return a valid JSON Schema as text, or `None` and a message."""
        schema = self._json("schema", text, start)
        if schema is None:
            return None
        converted = convert_schema(orjson.loads(schema))
        violations = schema_violations(converted.schema)
        for violation in violations:
            message = f"the schema is not a valid JSON Schema 2020-12 at {violation}"
            self.source.report(messages.INVALID_SCHEMA, start, message)
        if violations:
            return None
        for reference in converted.external_references:
            message = f"the schema refers to {reference[:60]!r}, which is not a part of it"
            advice = f"{message}; expected a JSON pointer such as '#/definitions/NAME'"
            self.source.report(messages.EXTERNAL_REFERENCE, start, advice)
        return schema

    def _json(self, name: str, text: str, start: Position) -> str | None:
        """Return a text as JSON, repaired if possible; `None` and a message if it is not JSON."""
        error = find_json_error(text)
        if error is None:
            return text
        repaired = repair_json(text)
        if repaired:
            message = f"the {name} is not valid JSON: {repair_summary(repaired)}; expected RFC 8259"
            position = _text_position(text, start, repaired.repairs[0].start)
            self.source.report(messages.REPAIRED_JSON, position, message)
            return repaired.text
        kind = _JSON_KINDS[name]
        position = _text_position(text, start, error.offset)
        self.source.report(kind, position, f"the {name} {error.message}")
        return None


_JSON_KINDS = {
    "example body": messages.INVALID_JSON,
    "schema": messages.INVALID_SCHEMA_JSON,
}
"""The kind of message if a text cannot be repaired."""


def _text_position(text: str, start: Position, offset: int) -> Position:
    """Return the position of a character of a text that begins at `start`."""
    line = text.count("\n", 0, offset)
    column = offset - (text.rfind("\n", 0, offset) + 1)
    return Position(start.file, start.line + line, start.column + column)


def _nested_blocks(section: Section, kind: str) -> list[Block]:
    """Return the blocks of the last subsection of a kind."""
    subsections = section.subsections(kind)
    if not subsections:
        return []
    return list(subsections[-1].blocks)


def _from_model(model: Payload, section: Section, headers: Headers) -> Payload:
    """Return a model as a request or response, which can have more headers."""
    return replace(
        model,
        name=section.capture("name"),
        position=section.position,
        headers=tuple(_with_headers(list(model.headers), list(_without_content_type(headers)))),
        content_type=model.content_type or section.capture("type") or _content_type(headers),
    )


def _with_headers(headers: Headers, others: Headers) -> Headers:
    """Return headers with others added, which replace those of the same name."""
    names = {name.lower() for name, _ in others}
    return [header for header in headers if header[0].lower() not in names] + others


def _without_content_type(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(header for header in headers if header[0].lower() != "content-type")


def _content_type(headers: Headers) -> str | None:
    """Return the value of the first header `Content-Type`."""
    for name, value in headers:
        if name.lower() == "content-type":
            return value
    return None


def _split_body(section: Section) -> tuple[Sequence[Block], Sequence[Block]]:
    """Return the description of a payload, and its body.

    Without nested sections the content is the body (API Blueprint 1A, "Payload section").
    Paragraphs before a single code block are a description, and paragraphs around JSON.
    """
    blocks = section.blocks
    if section.sections:
        return blocks, ()
    codes = [block for block in blocks if block.kind == "code"]
    description = [block for block in blocks if block.kind == "paragraph"]
    if len(codes) != 1 or len(description) != len(blocks) - 1:
        return (), blocks
    if blocks[-1] is not codes[0] and not _is_whole_json(codes[0].text):
        return (), blocks
    return description, codes


def _is_whole_json(text: str) -> bool:
    """Return whether a text is JSON, perhaps with mistakes, and not only its first part."""
    is_json = text.lstrip().startswith(("{", "["))
    return is_json and text.count("{") == text.count("}") and text.count("[") == text.count("]")


def _implies_json(payload: Payload) -> bool:
    """Return whether a payload without a media type is JSON.

    It is if it has a schema or attributes, and its body is not another text.
    """
    if payload.content_type or (payload.data is None and payload.schema is None):
        return False
    try:
        orjson.loads(payload.body or "null")
    except orjson.JSONDecodeError:
        return False
    return True
