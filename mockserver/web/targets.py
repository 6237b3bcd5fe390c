"""Request targets (RFC 9112, section 3.2): decode a path, and keep encoded slashes apart from others."""

from urllib.parse import unquote_to_bytes

from mockserver.errors import MalformedRequest

MAX_TARGET = 8000
"""The maximum size of path and query in bytes; RFC 9110, section 4.1 recommends at least this."""


def decode_path(path: str) -> str:
    """Return a path as text; `path` has its bytes as Latin-1 (PEP 3333, "Unicode issues").

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
    """Return a part of a target, percent-decoded as in WSGI: one character per byte."""
    return unquote_to_bytes(text.encode("latin-1")).decode("latin-1")


def raw_path(target: str) -> str:
    """Return the path of a target as sent. A client of a proxy sends the whole URL (RFC 9112, section 3.2.2)."""
    path = target.partition("?")[0]
    if path.startswith("/"):
        return path
    return "/" + path.partition("://")[2].partition("/")[2]


def segments_of(target: str, prefix: str, path: str) -> tuple[str, ...] | None:
    """Return the decoded segments of a path in which a slash is encoded; `None` for any other path.

    A decoded slash looks like any other, so the target has to be read as it was sent.

    Args:
        target: as sent.
        prefix: the decoded start of the path that is not part of `path`: of a proxy, or of a sandbox.
        path: decoded, without the prefix. The target counts only if it is the same path.

    Raises:
        MalformedRequest: a slash is encoded in the prefix, or the path is not UTF-8.
    """
    raw = raw_path(target)
    if "%2f" not in raw.lower() or unquote(raw) != prefix + path:
        return None
    parts = raw.split("/")[1:]
    while prefix:
        if not parts or not prefix.startswith(part := "/" + unquote(parts.pop(0))):
            raise MalformedRequest(
                "an encoded slash is not allowed in the path of the proxy or sandbox"
            )
        prefix = prefix[len(part) :]
    return tuple(decode_path(unquote(part)) for part in parts)


def path_of(segments: tuple[str, ...]) -> str:
    """Return a path of decoded segments, in which an encoded slash stays `%2F`."""
    return "/" + "/".join(segment.replace("/", "%2F") for segment in segments)
