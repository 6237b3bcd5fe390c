"""`+ Request`, `+ Response` and `+ Model` -> `Payload`: headers, example body, schema and attributes.

Source: API Blueprint 1A, "Payload section", "Headers section", "Body section", "Schema section", "Resource Model section".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson

from mockserver.errors import Position
from mockserver.formats import exact_json
from mockserver.formats.documented_headers import control_character, reason_not_sent
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import parse_signature
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.blueprint.sections import Section
from mockserver.spec.description import DataType, Payload, charset

MAX_JSON_DEPTH = 60

_HEADER = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(?P<value>.*)")
_REFERENCE = re.compile(r"\[(?P<name>[^\[\]]+)\]\s?\[\]")
_TRAILING_COMMA = re.compile(r",\s*[\]}]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Payloads:
    """Reads payloads; knows the models that they may refer to."""

    def __init__(self, source: Source, types: Types) -> None:
        self.source = source
        self.types = types
        self._models: dict[str, Payload] = {}

    def declare_model(self, name: str, section: Section) -> None:
        """Make the model of a resource known, before any payload refers to it."""
        self._models[name] = self.read(section)

    def read(self, section: Section) -> Payload:
        """What a request, response or model says of itself."""
        for kind in ("headers", "attributes", "body", "schema"):
            for second in section.subsections(kind)[1:]:
                self.source.add_error(second.position, f"duplicate {kind} section; expected one")
        model = self._model(section)
        if model:
            return replace(model, name=section.capture("name"), position=section.position)
        prose, own = _split_body(section)
        for code in [block for block in prose if block.is_indented_code]:
            self.source.add_error(code.position, "unexpected code block; expected it in `+ Body`, or a section before it")
        headers = [pair for each in section.subsections("headers") for pair in self._headers(each, section.kind)]
        body, body_at = self._text([*own, *(block for each in section.subsections("body") for block in each.blocks)])
        schema, schema_at = self._text([block for each in section.subsections("schema") for block in each.blocks])
        payload = Payload(
            name=section.capture("name"),
            content_type=section.capture("type")
            or next((value for name, value in headers if name.lower() == "content-type"), None),
            headers=tuple(pair for pair in headers if pair[0].lower() != "content-type"),
            body=body,
            schema=schema,
            data=next((self.attributes(each) for each in section.subsections("attributes")), None),
            description=self.source.text(prose),
            position=section.position,
            body_position=body_at,
        )
        if section.kind != "request" and _implies_json(payload):
            payload = replace(payload, content_type="application/json")
        if payload.is_json:
            self._check_json("example body", body, body_at)
        else:
            self._check_charset(payload)
        self._check_json("schema", schema, schema_at)
        return payload

    def _check_charset(self, payload: Payload) -> None:
        """Refuse a text that its documented charset does not have: it would be sent as other characters."""
        name = charset(payload.content_type)
        try:
            (payload.body or "").encode(name)
        except LookupError:
            self.source.add_error(payload.position, f"unknown charset {name[:40]!r}; use utf-8")
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            at = payload.body_position or payload.position
            self.source.add_error(at, f"the charset {name} cannot encode {letter!r} of the example body; use utf-8")

    def attributes(self, section: Section) -> DataType:
        """The type of an `+ Attributes` section."""
        line = parse_signature(self.source, section.text, section.position)
        if line.type is None and not any(block.kind == "item" for block in section.blocks):
            self.source.add_error(section.position, "empty attributes section; expected a type or members")
        return self.types.data_type(line, section.blocks, "object")[0]

    def _model(self, section: Section) -> Payload | None:
        """The model that `[Name][]` refers to, where that is all that the payload says."""
        texts = [block for block in section.blocks if block.kind == "paragraph"]
        found = _REFERENCE.fullmatch(texts[0].text.strip()) if len(texts) == len(section.blocks) == 1 else None
        if found and found["name"] not in self._models:
            known = ", ".join(sorted(self._models)) or "a resource with a `+ Model`"
            self.source.add_error(texts[0].position, f"unknown model {found['name'][:60]!r}; expected {known}")
        return self._models.get(found["name"]) if found else None

    def _headers(self, section: Section, kind: str) -> Iterator[tuple[str, str]]:
        """The headers of a payload of this kind of section; of a response, those that are the vendor's to decide."""
        for block in section.blocks:
            for number, text in enumerate(block.text.split("\n")):
                if text.strip():
                    yield from self._header(text.strip(), block.position.line + number, kind)
        if not section.blocks:
            self.source.add_error(section.position, "empty headers section; expected lines NAME: VALUE, indented by 12 spaces")

    def _header(self, text: str, line: int, kind: str) -> Iterator[tuple[str, str]]:
        header, at = _HEADER.fullmatch(text), self.source.position(line, text)
        if header is None:
            self.source.add_error(at, f"invalid header {text[:60]!r}; expected NAME: VALUE")
            return
        control = control_character(text)
        if control is not None:
            message = f"the header {header['name'][:60]} has the control character {text[control]!a}; expected plain text"
            self.source.add_error(replace(at, column=at.column + control), message)
        elif kind != "request" and (reason := reason_not_sent(header["name"])):
            self.source.add_warning(at, f"the documented header {header['name'][:60]} is not sent: {reason}")
        else:
            yield header["name"], header["value"].strip()

    def _text(self, blocks: list[Block]) -> tuple[str | None, Position | None]:
        """The text of a body or schema: one piece of code, or else the lines as they were typed."""
        if not blocks:
            return None, None
        is_code = len(blocks) == 1 and blocks[0].kind == "code"
        text = blocks[0].text.rstrip("\n") if is_code else self.source.text(blocks)
        return (text, blocks[0].position) if text.strip() else (None, None)

    def _check_json(self, what: str, text: str | None, at: Position | None) -> None:
        if text is None or at is None:
            return
        try:
            if _depth(exact_json.loads(text)) > MAX_JSON_DEPTH:
                self.source.add_error(at, f"the {what} nests deeper than {MAX_JSON_DEPTH} levels")
        except orjson.JSONDecodeError as error:
            place, message = _json_error(text, error)
            line, column = text.count("\n", 0, place), place - (text.rfind("\n", 0, place) + 1)
            self.source.add_error(Position(at.file, at.line + line, at.column + column), f"the {what} {message}")


def _split_body(section: Section) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The text about a payload, and its body: all of it is the body where no section is nested, but for text before code."""
    blocks = section.blocks
    if section.sections:
        return blocks, ()
    if blocks and blocks[-1].kind == "code" and all(block.kind == "paragraph" for block in blocks[:-1]):
        return blocks[:-1], blocks[-1:]
    return (), blocks


def _implies_json(payload: Payload) -> bool:
    """Whether a payload without a media type is JSON: a schema or attributes describe it, and its body is no other text."""
    if payload.content_type or (payload.data is None and payload.schema is None):
        return False
    try:
        orjson.loads(payload.body or "null")
    except orjson.JSONDecodeError:
        return False
    return True


def _json_error(text: str, error: orjson.JSONDecodeError) -> tuple[int, str]:
    """Where a text stops being JSON, and why: a comma too many is found at the comma, not behind it."""
    if isinstance(error, exact_json.InexactInteger):
        return error.pos, f"has a number that is not exact: {error.msg}"
    blank = _STRING.sub(lambda found: '"' * len(found.group()), text)
    comma = _TRAILING_COMMA.search(blank)
    if comma and comma.start() <= error.pos <= comma.end():
        return comma.start(), "is not valid JSON: trailing comma; expected another member or item, or no comma"
    return min(error.pos, len(text)), f"is not valid JSON: {error.msg.split(': line')[0]}; expected JSON (RFC 8259)"


def _depth(value: object) -> int:
    """How deep arrays and objects nest, without recursion."""
    depth = 0
    level: Iterable[object] = [value]
    while level := [inner for each in level if isinstance(each, dict | list) for inner in _inner(each)]:
        depth += 1
    return depth


def _inner(value: dict[str, object] | list[object]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value
