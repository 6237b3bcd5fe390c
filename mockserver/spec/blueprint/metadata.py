"""Read the metadata of a blueprint: the format, and the URL of the API.

Source: API Blueprint 1A, "Metadata section".
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from mockserver.config.sandbox_names import SERVER_PATHS
from mockserver.errors import Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source

Metadata = dict[str, tuple[str, Position]]
"""Upper-case name to value, with the position of the value."""

_LINE = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_-]*)\s*:(?!//)\s*(?P<value>.*)")
_KNOWN_LINE = re.compile(r"(?P<name>FORMAT|HOST)\s*:\s*(?P<value>.*)")
_NO_SCHEME = re.compile(r"(?://)?[\w.-]+(?::[0-9]+)?(?:/.*)?")
_QUOTES = "\"'`<> "


def is_metadata(text: str) -> bool:
    """Return whether a text starts with metadata. A line of hyphens below makes it a heading."""
    return bool(_KNOWN_LINE.match(text))


def read_metadata(
    source: Source, blocks: Sequence[Block], title_line: int
) -> tuple[Metadata, list[Block]]:
    """Return the metadata at the start of a blueprint, and the other blocks.

    Elsewhere, only the format and the host are metadata.

    Args:
        source: Messages are added to the source.
        blocks: The blocks before the first section.
        title_line: The line with the name of the API; 0 if there is none.
    """
    metadata: Metadata = {}
    others: list[Block] = []
    is_start = True
    for block in blocks:
        lines: Metadata = {}
        rest: Block | None = block
        if block.kind in ("paragraph", "heading"):
            is_before_title = block.start < title_line or not title_line
            lines, rest = _lines(source, block, is_before_title and is_start and not metadata)
        _add(source, metadata, lines, is_start and not metadata)
        if rest is not None:
            others.append(rest)
            is_start = is_start and rest.kind in ("html", "rule")
    return metadata, others


def _lines(source: Source, block: Block, is_start: bool) -> tuple[Metadata, Block | None]:
    """Return the metadata at the start of a block, and the rest of the block."""
    pattern = _LINE if is_start else _KNOWN_LINE
    metadata: Metadata = {}
    lines = block.text.split("\n")
    for index, line in enumerate(lines):
        number = block.start + index
        match = pattern.fullmatch(line.strip())
        if match:
            position = source.position(number, match["value"])
            metadata[match["name"].upper()] = (match["value"].strip(), position)
        elif metadata.keys() & {"FORMAT", "HOST"}:
            position = source.position(number, line.strip())
            text = "\n".join(lines[index:])
            return metadata, Block("paragraph", position, number, block.end, text)
        else:
            return {}, block
    return metadata, None


def _add(source: Source, metadata: Metadata, lines: Metadata, is_first: bool) -> None:
    for name, (value, position) in lines.items():
        if not is_first:
            message = f"the metadata {name!r} is not in the first lines"
            text = f"{message}; expected it there, without an empty line before it"
            source.report(messages.MISPLACED_METADATA, position, text)
        metadata.setdefault(name, (value, position))


def check_format(source: Source, metadata: Metadata) -> None:
    """Report an unknown format."""
    version, position = metadata.get("FORMAT", ("1A", Position(source.file)))
    if not version.upper().startswith("1A"):
        text = f"unknown format {version[:20]!r}; expected 1A"
        source.report(messages.UNKNOWN_FORMAT, position, text)


def read_host(source: Source, metadata: Metadata) -> str:
    """Return the URL in the metadata, or an empty string. Messages are added to the source."""
    typed, position = metadata.get("HOST", ("", Position(source.file)))
    host = _with_scheme(typed.strip(_QUOTES))
    if not host:
        return ""
    expected = "expected http://NAME or https://NAME, optionally with a path"
    if not _is_http_url(host):
        text = f"invalid HOST {typed[:60]!r}; {expected}"
        source.report(messages.INVALID_HOST, position, text)
        return ""
    if host != typed:
        text = f"HOST {typed[:60]!r} is not a URL; {expected}"
        source.report(messages.INCOMPLETE_HOST, position, text)
    conflict = _path_conflict(urlsplit(host).path)
    if conflict:
        text = f"{conflict}; expected a HOST with another path"
        source.report(messages.RESERVED_PATH, position, text)
        return ""
    return host


def _with_scheme(host: str) -> str:
    """Return a host name or a path as a URL. Other texts stay as they are."""
    if host.startswith("/") and not host.startswith("//"):
        return f"http://localhost{host}"
    if _NO_SCHEME.fullmatch(host):
        return f"http://{host.removeprefix('//')}"
    return host


def _is_http_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname)
    except ValueError:
        return False


def _path_conflict(path: str) -> str:
    """Return why an API cannot be served below this path, or an empty string."""
    segments = unquote(path).strip("/").split("/")
    if segments[0] in SERVER_PATHS or segments[0].startswith("~"):
        return f"the path /{segments[0]} is reserved for the mock server"
    if any(segment in (".", "..") for segment in segments):
        return "clients remove . and .. from a path before they send it"
    return ""
