"""Request targets (RFC 9112, section 3.2): decode a path, and preserve its encoded slashes."""

from urllib.parse import unquote_to_bytes

from mockserver.errors import MalformedRequest

MAX_TARGET = 8000
"""The maximum size of path and query, in bytes. RFC 9110, section 4.1 recommends at least this."""


def decode_path(path: str) -> str:
    """Return a path as text.

    Args:
        path: one character per byte, as Latin-1 (PEP 3333, "Unicode issues").

    Raises:
        MalformedRequest: the path is not UTF-8.
    """
    if path.isascii():
        return path
    try:
        return path.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedRequest("the path is not UTF-8") from error


def unquote(text: str) -> str:
    """Return a percent-decoded part of a target, with one character per byte as in WSGI."""
    return unquote_to_bytes(text.encode("latin-1")).decode("latin-1")


def raw_path(target: str) -> str:
    """Return the path of a target without decoding it.

    A client of a proxy sends the whole URL as the target (RFC 9112, section 3.2.2).
    """
    path = target.partition("?")[0]
    if path.startswith("/"):
        return path
    return "/" + path.partition("://")[2].partition("/")[2]


def segments_of(target: str, prefix: str, path: str) -> tuple[str, ...] | None:
    """Return the decoded segments of a path with an encoded slash; `None` for any other path.

    A decoded path does not show which slashes were encoded, so the target is decoded here.

    Args:
        target: as sent by the client.
        prefix: the decoded start of the target's path, of a proxy or a sandbox.
        path: the decoded path without the prefix. A target with another path is ignored.

    Raises:
        MalformedRequest: a slash is encoded in the prefix, or the path is not UTF-8.
    """
    raw = raw_path(target)
    if "%2f" not in raw.lower() or unquote(raw) != prefix + path:
        return None
    parts = raw.split("/")[1:]
    return tuple(decode_path(unquote(part)) for part in _without_prefix(parts, prefix))


def _without_prefix(parts: list[str], prefix: str) -> list[str]:
    """Return the encoded segments after those of a decoded prefix.

    Raises:
        MalformedRequest: a slash is encoded in the prefix.
    """
    for index, part in enumerate(parts):
        if not prefix:
            return parts[index:]
        segment = "/" + unquote(part)
        if not prefix.startswith(segment):
            break
        prefix = prefix[len(segment) :]
    if prefix:
        raise MalformedRequest(
            "an encoded slash is not allowed in the path of the proxy or sandbox"
        )
    return []


def path_of(segments: tuple[str, ...]) -> str:
    """Return the path of decoded segments. A slash in a segment is encoded as `%2F`."""
    return "/" + "/".join(segment.replace("/", "%2F") for segment in segments)
