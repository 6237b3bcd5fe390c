"""Bodies of requests with a content coding (RFC 9110, section 8.4): gzip is undone, within the limit of a body."""

import zlib

from mockserver.errors import BodyTooLarge, MalformedRequest, UnsupportedCoding

_PLAIN = frozenset(("", "identity"))
_GZIP = frozenset(("gzip", "x-gzip"))
_GZIP_BITS = 16 + zlib.MAX_WBITS
"""For zlib: a header and a trailer of gzip."""
_MAX_MEMBERS = 64
"""Pieces of one gzip body: each costs a copy of what follows it."""


def decode(body: bytes, coding: str, most: int) -> bytes:
    """Return the body without its coding, of at most `most` bytes.

    Raises `UnsupportedCoding`, `MalformedRequest` for gzip that is broken, or `BodyTooLarge`.
    """
    name = coding.strip().lower()
    if name in _PLAIN:
        return body
    if name not in _GZIP:
        detail = f"the body has Content-Encoding: {coding[:60]}; expected gzip, or none"
        raise UnsupportedCoding(detail, {"supported": ["gzip"]}, (("Accept-Encoding", "gzip"),))
    try:
        return _gunzip(body, most)
    except zlib.error as error:
        raise MalformedRequest("the body is not the gzip that its Content-Encoding announces") from error


def _gunzip(body: bytes, most: int) -> bytes:
    """Return what gzip holds. It is never asked for more than one byte above the limit. Raises `zlib.error`."""
    decoded = b""
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(_GZIP_BITS)
        decoded += member.decompress(body, most + 1 - len(decoded))
        if len(decoded) > most:
            raise BodyTooLarge(f"the body has more than {most} bytes without its gzip")
        if not member.eof:
            raise zlib.error("the end is missing")
        body = member.unused_data
        if not body:
            return decoded
    raise zlib.error("too many members")
