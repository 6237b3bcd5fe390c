"""Decode bodies of requests with a content coding (RFC 9110, section 8.4): gzip only."""

import zlib

from mockserver.errors import BodyTooLarge, MalformedRequest, UnsupportedContentCoding

_PLAIN = frozenset(("", "identity"))
_GZIP = frozenset(("gzip", "x-gzip"))
_GZIP_BITS = 16 + zlib.MAX_WBITS
"""zlib's value for a gzip header and trailer."""
_MAX_MEMBERS = 64
"""Maximum members of one gzip body, because each member copies the rest of the body."""


def decode(body: bytes, coding: str, limit: int) -> bytes:
    """Return the body without its coding.

    Args:
        body: The body as received.
        coding: The value of `Content-Encoding`.
        limit: Maximum bytes of the decoded body.

    Raises:
        UnsupportedContentCoding: The coding is not gzip.
        MalformedRequest: The body is not valid gzip.
        BodyTooLarge: The decoded body is longer than the limit.
    """
    name = coding.strip().lower()
    if name in _PLAIN:
        return body
    if name not in _GZIP:
        detail = f"unsupported Content-Encoding {coding[:60]!r}; expected gzip or none"
        raise UnsupportedContentCoding(
            detail, {"supported": ["gzip"]}, (("Accept-Encoding", "gzip"),)
        )
    try:
        return _gunzip(body, limit)
    except zlib.error as error:
        raise MalformedRequest(
            "invalid gzip: the body does not match its Content-Encoding"
        ) from error


def _gunzip(body: bytes, limit: int) -> bytes:
    """Return the decompressed body, of which at most one byte above the limit is decompressed.

    Raises:
        zlib.error: The body is not valid gzip.
    """
    decoded = b""
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(_GZIP_BITS)
        decoded += member.decompress(body, limit + 1 - len(decoded))
        if len(decoded) > limit:
            raise BodyTooLarge(f"the decompressed body has more than {limit} bytes")
        if not member.eof:
            raise zlib.error("the end is missing")
        body = member.unused_data
        if not body:
            return decoded
    raise zlib.error("too many members")
