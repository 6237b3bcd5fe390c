"""Bodies of requests with a content coding (RFC 9110, section 8.4): gzip is decompressed, up to the limit of a body."""

import zlib

from mockserver.errors import BodyTooLarge, MalformedRequest, UnsupportedContentCoding

_PLAIN = frozenset(("", "identity"))
_GZIP = frozenset(("gzip", "x-gzip"))
_GZIP_BITS = 16 + zlib.MAX_WBITS
"""zlib's value for a gzip header and trailer."""
_MAX_MEMBERS = 64
"""Members of one gzip body: each copies the rest of the body."""


def decode(body: bytes, coding: str, limit: int) -> bytes:
    """Return the body without its coding, of at most `limit` bytes.

    Raises `UnsupportedContentCoding`, `MalformedRequest` for invalid gzip, or `BodyTooLarge`.
    """
    name = coding.strip().lower()
    if name in _PLAIN:
        return body
    if name not in _GZIP:
        detail = f"unsupported Content-Encoding: {coding[:60]}; expected gzip or none"
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
    """Return the decompressed body. It decompresses at most one byte more than the limit. Raises `zlib.error`."""
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
