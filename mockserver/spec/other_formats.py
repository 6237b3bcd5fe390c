"""Recognize files that are not an API Blueprint, and explain what to do with them.

Every command that reads a blueprint uses this module. It recognizes only what a blueprint cannot
start with, because a blueprint can mention OpenAPI, or have an OpenAPI document in a code block.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

_SUPPORTED = "mockserver reads API Blueprint (FORMAT: 1A)"
_EXPECTED = "expected the blueprint's source, a text file such as NAME.apib"
_OPENAPI_ADVICE = (
    f"{_SUPPORTED}; serve this file with a mock server for OpenAPI, such as Prism, "
    "or convert it to API Blueprint"
)
_CONVERT = f"{_SUPPORTED}; convert the file, or write a blueprint (docs/own-api.md shows one)"
_FLATTENED = (
    "this is the text of a rendered page: its headings have no `#`, and its lists no indentation; "
    f"{_EXPECTED}. Ask the vendor for the source, or restore headings and indentation "
    "(docs/own-api.md shows both)"
)
_OTHER_JSON = f"this is a JSON document; {_CONVERT}"
_EMPTY = f"the file is empty; {_EXPECTED}"

_MAGIC = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"%PDF-": "a PDF document",
    b"{\\rtf": "an RTF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a SQLite database",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PROBED_BYTES = 8192
"""A NUL in these first bytes means that a file is binary."""

_COMMENTS = re.compile(r"(?:\s*<!--.*?-->)+", re.DOTALL)
_HTML = re.compile(r"\s*(?:<!doctype\s+html|<html\b|<head\b|<body\b)", re.IGNORECASE)
_XML = re.compile(r"\s*<\?xml\b")
_RAML = re.compile(r"#%RAML\s+(?P<version>[0-9.]+)")

_VERSION_KEYS = {"openapi": "an OpenAPI", "swagger": "a Swagger", "asyncapi": "an AsyncAPI"}
_YAML_VERSION = re.compile(
    rf"[\"']?(?P<name>{'|'.join(_VERSION_KEYS)})[\"']?\s*:\s*[\"']?(?P<version>[0-9][0-9.]*)"
)
_JSON_VERSION = re.compile(r"\s*\{\s*" + _YAML_VERSION.pattern)
_YAML_KEY = re.compile(r"[\"']?(?P<name>[\w.$-]+)[\"']?\s*:(?:\s|$)")
_YAML_OTHER = re.compile(
    r"^[\"']?(?:info|paths|components|webhooks|channels|definitions)[\"']?\s*:", re.MULTILINE
)
_YAML_CONTINUATION = ("#", "---", "%", " ", "\t", "- ", "}", "]")
"""Starts of YAML lines that are not a top-level key."""

_METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
_ATX_HEADING = re.compile(rf"^ {{0,3}}#{{1,6}}.*(?:\[|\b(?:{_METHODS})\b|\s/)", re.MULTILINE)
_SETEXT_HEADING = re.compile(r"\][ \t]*\n {0,3}(?:={2,}|-{2,})[ \t]*$", re.MULTILINE)
_BARE_ACTION = re.compile(
    rf"^(?:[^#\s>`+*-].*)?\[(?:{_METHODS})(?:[ \t]+[/{{]\S*)?\][ \t]*$", re.MULTILINE
)
_BARE_PAYLOAD = re.compile(r"^[-+*]?[ \t]*(?:Request|Response)\b", re.MULTILINE)


def foreign_format_error(data: bytes) -> str | None:
    """Return the error for a file that is not an API Blueprint; `None` if it can be one."""
    if not data.strip():
        return _EMPTY
    binary_message = _binary(data)
    if binary_message:
        return binary_message
    text = data.decode("utf-8-sig", errors="replace")
    for recognize in _TEXT_FORMATS:
        message = recognize(text)
        if message:
            return message
    return None


def own_yaml_error(data: bytes) -> str | None:
    """Return the error for a YAML file without a heading of a blueprint; `None` if it has one."""
    if _ATX_HEADING.search(data.decode("utf-8-sig", errors="replace")):
        return None
    return (
        f"this is a YAML file; {_EXPECTED}. To use a file of scenarios, name its folder with "
        "--scenarios"
    )


def flattened_page_error(text: str) -> str | None:
    """Return the error for the text of a rendered page: a blueprint's words without its Markdown.

    Call this only if the blueprint reader has found errors in the text.
    """
    text = text.replace("\r\n", "\n")
    if _ATX_HEADING.search(text) or _SETEXT_HEADING.search(text):
        return None
    if _BARE_ACTION.search(text) and _BARE_PAYLOAD.search(text):
        return _FLATTENED
    return None


def _binary(data: bytes) -> str | None:
    if data.startswith(_UTF16):
        return "this is UTF-16 text; save it as UTF-8"
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            return f"this is {kind}; {_EXPECTED}"
    if b"\0" in data[:_PROBED_BYTES]:
        return f"this is a binary file; {_EXPECTED}"
    return None


def _markup(text: str) -> str | None:
    comments = _COMMENTS.match(text)
    start = text[comments.end() :] if comments else text
    if _HTML.match(start):
        return f"this is an HTML page; {_EXPECTED}, from which the page was rendered"
    if _XML.match(start):
        return f"this is an XML document; {_CONVERT}"
    return None


def _raml(text: str) -> str | None:
    header = _RAML.match(text)
    if header is None:
        return None
    return f"this is a RAML {header['version']} document; {_CONVERT}"


def _json(text: str) -> str | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _invalid_json(text)
    if isinstance(value, dict):
        return _json_object(value)
    return _OTHER_JSON


def _invalid_json(text: str) -> str | None:
    """Recognize a document with a syntax error, which still starts with its version."""
    first_member = _JSON_VERSION.match(text)
    if first_member is None:
        return None
    return _versioned(first_member["name"], first_member["version"])


def _json_object(members: Mapping[str, Any]) -> str:
    for name in _VERSION_KEYS:
        if isinstance(members.get(name), str | int | float):
            return _versioned(name, str(members[name]))
    for is_format, message in _JSON_FORMATS:
        if is_format(members):
            return message
    return _OTHER_JSON


def _is_postman(members: Mapping[str, Any]) -> bool:
    # `order` is a member of version 1, which has no schema.
    return "getpostman.com" in str(_object(members, "info").get("schema")) or "order" in members


def _is_insomnia(members: Mapping[str, Any]) -> bool:
    return members.get("_type") == "export"


def _is_har(members: Mapping[str, Any]) -> bool:
    return "entries" in _object(members, "log")


def _is_api_elements(members: Mapping[str, Any]) -> bool:
    return members.get("element") in ("parseResult", "category")


def _is_json_schema(members: Mapping[str, Any]) -> bool:
    return "json-schema.org" in str(members.get("$schema"))


def _object(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a member that is an object, else an empty object."""
    value = members.get(name)
    if isinstance(value, dict):
        return value
    return {}


_JSON_FORMATS: tuple[tuple[Callable[[Mapping[str, Any]], bool], str], ...] = (
    (_is_postman, f"this is a Postman collection; {_CONVERT}"),
    (_is_insomnia, f"this is an Insomnia export; {_CONVERT}"),
    (_is_har, f"this is an HTTP archive (HAR); {_CONVERT}"),
    (_is_api_elements, f"this is the output of a blueprint parser (API Elements); {_EXPECTED}"),
    (_is_json_schema, f"this is a JSON Schema; {_EXPECTED}"),
)
"""Tests for the formats of JSON documents, and their messages."""


def _yaml(text: str) -> str | None:
    """Recognize an OpenAPI, Swagger or AsyncAPI document in YAML.

    All lines before its version must be YAML, and it must have another key of such a document.
    """
    for line in text.splitlines():
        version = _YAML_VERSION.match(line)
        if version and _YAML_OTHER.search(text):
            return _versioned(version["name"], version["version"])
        if version or not _is_yaml_line(line):
            return None
    return None


def _is_yaml_line(line: str) -> bool:
    """Return whether a line can be part of a YAML document that is not a blueprint."""
    if not line or line.startswith(_YAML_CONTINUATION):
        return True
    key = _YAML_KEY.match(line)
    # A blueprint starts with `FORMAT: 1A`.
    return key is not None and key["name"].upper() != "FORMAT"


def _versioned(name: str, version: str) -> str:
    advice = _OPENAPI_ADVICE
    if name == "asyncapi":
        advice = _CONVERT
    return f"this is {_VERSION_KEYS[name]} {version} document; {advice}"


_TEXT_FORMATS: tuple[Callable[[str], str | None], ...] = (_markup, _raml, _json, _yaml)
