"""Files that are no API Blueprint: what each is, and what to do instead. One place for every command that reads a blueprint.

Only what a blueprint cannot begin with counts. A blueprint that mentions OpenAPI, or shows it in a code block, is a blueprint.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

_READS = "mockserver reads API Blueprint (FORMAT: 1A)"
_SOURCE = "expected the blueprint's source, a text file such as NAME.apib"
_OPENAPI_ADVICE = f"{_READS}; serve this file with a mock server for OpenAPI, such as Prism, or convert it to API Blueprint"
_CONVERT = f"{_READS}; convert the file, or write a blueprint (docs/own-api.md shows one)"
_FLATTENED = (
    "this is the text of a rendered page: its headings have no `#`, and its lists no indentation; "
    f"{_SOURCE}. Ask the vendor for the source, or put headings and indentation back (docs/own-api.md shows both)"
)
_EMPTY = f"the file is empty; {_SOURCE}"

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
_PROBED = 8192
"""Bytes from the start in which a NUL shows that a file is binary."""

_COMMENTS = re.compile(r"(?:\s*<!--.*?-->)+", re.DOTALL)
_HTML = re.compile(r"\s*(?:<!doctype\s+html|<html\b|<head\b|<body\b)", re.IGNORECASE)
_XML = re.compile(r"\s*<\?xml\b")
_RAML = re.compile(r"#%RAML\s+(?P<version>[0-9.]+)")

_VERSIONED = {"openapi": "an OpenAPI", "swagger": "a Swagger", "asyncapi": "an AsyncAPI"}
_YAML_VERSION = re.compile(rf"[\"']?(?P<name>{'|'.join(_VERSIONED)})[\"']?\s*:\s*[\"']?(?P<version>[0-9][0-9.]*)")
_YAML_KEY = re.compile(r"[\"']?(?P<name>[\w.$-]+)[\"']?\s*:(?:\s|$)")
_YAML_OTHER = re.compile(r"^[\"']?(?:info|paths|components|webhooks|channels|definitions)[\"']?\s*:", re.MULTILINE)
_YAML_REST = ("#", "---", "%", " ", "\t", "- ", "}", "]")
"""How a line of YAML starts that is no key of the document itself."""

_METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
_HEADING = re.compile(rf"^ {{0,3}}#{{1,6}}.*(?:\[|\b(?:{_METHODS})\b|\s/)", re.MULTILINE)
_UNDERLINED = re.compile(r"\][ \t]*\n {0,3}(?:={2,}|-{2,})[ \t]*$", re.MULTILINE)
_BARE_ACTION = re.compile(rf"^(?:[^#\s>`+*-].*)?\[(?:{_METHODS})(?:[ \t]+[/{{]\S*)?\][ \t]*$", re.MULTILINE)
_PAYLOAD = re.compile(r"^[-+*]?[ \t]*(?:Request|Response)\b", re.MULTILINE)


def recognized(data: bytes) -> str | None:
    """What a file is that cannot be an API Blueprint, and what to do; `None` for one that may be a blueprint."""
    if not data.strip():
        return _EMPTY
    if binary := _binary(data):
        return binary
    text = data.decode("utf-8-sig", errors="replace")
    return next((message for find in _FINDERS if (message := find(text))), None)


def flattened(text: str) -> str | None:
    """What a text is that has the words of a blueprint without its structure, and what to do; `None` for any other text.

    Ask this only of a text that the reader of blueprints has refused.
    """
    text = text.replace("\r\n", "\n")
    if _HEADING.search(text) or _UNDERLINED.search(text):
        return None
    return _FLATTENED if _BARE_ACTION.search(text) and _PAYLOAD.search(text) else None


def _binary(data: bytes) -> str | None:
    if data.startswith(_UTF16):
        return "this is UTF-16 text; save it as UTF-8"
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if kind is None and b"\0" in data[:_PROBED]:
        kind = "a binary file"
    return f"this is {kind}; {_SOURCE}" if kind else None


def _markup(text: str) -> str | None:
    comments = _COMMENTS.match(text)
    start = text[comments.end() :] if comments else text
    if _HTML.match(start):
        return f"this is an HTML page; {_SOURCE}, from which the page was rendered"
    return f"this is an XML document; {_CONVERT}" if _XML.match(start) else None


def _raml(text: str) -> str | None:
    found = _RAML.match(text)
    return f"this is a RAML {found['version']} document; {_CONVERT}" if found else None


def _json(text: str) -> str | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        # A document with a fault in it, such as a comma too many, still begins with its version.
        found = re.match(r"\s*\{\s*" + _YAML_VERSION.pattern, text)
        return _versioned(found["name"], found["version"]) if found else None
    members = value if isinstance(value, dict) else {}
    version = next((name for name in _VERSIONED if isinstance(members.get(name), str | int | float)), None)
    if version:
        return _versioned(version, str(members[version]))
    return next((message for is_kind, message in _JSON_KINDS if is_kind(members)), f"this is a JSON document; {_CONVERT}")


def _inner(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = members.get(name)
    return value if isinstance(value, dict) else {}


_JSON_KINDS: tuple[tuple[Callable[[Mapping[str, Any]], bool], str], ...] = (
    (
        lambda members: "getpostman.com" in str(_inner(members, "info").get("schema")) or "order" in members,
        f"this is a Postman collection; {_CONVERT}",
    ),
    (lambda members: members.get("_type") == "export", f"this is an Insomnia export; {_CONVERT}"),
    (lambda members: "entries" in _inner(members, "log"), f"this is an HTTP archive (HAR); {_CONVERT}"),
    (
        lambda members: members.get("element") in ("parseResult", "category"),
        f"this is the output of a blueprint parser (API Elements); {_SOURCE}",
    ),
    (lambda members: "json-schema.org" in str(members.get("$schema")), f"this is a JSON Schema; {_SOURCE}"),
)
"""What shows each kind of JSON document, and its message."""


def _yaml(text: str) -> str | None:
    """An OpenAPI, Swagger or AsyncAPI document: nothing but YAML before the member that says so, and another member of it."""
    for line in text.splitlines():
        if found := _YAML_VERSION.match(line):
            return _versioned(found["name"], found["version"]) if _YAML_OTHER.search(text) else None
        key = _YAML_KEY.match(line)
        is_yaml = not line or line.startswith(_YAML_REST) or (key is not None and key["name"].upper() != "FORMAT")
        if not is_yaml:
            return None
    return None


def _versioned(name: str, version: str) -> str:
    advice = _CONVERT if name == "asyncapi" else _OPENAPI_ADVICE
    return f"this is {_VERSIONED[name]} {version} document; {advice}"


_FINDERS: tuple[Callable[[str], str | None], ...] = (_markup, _raml, _json, _yaml)
