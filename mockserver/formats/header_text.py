"""Text in HTTP headers: UTF-8 bytes as WSGI has them, and percent-encoding where a header has to be ASCII."""

from urllib.parse import quote, unquote

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - not a secret
"""A regular expression for a token (RFC 9110, section 5.6.2), such as the name of a header."""

_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def wsgi_text(value: str) -> str:
    """Return a header value as WSGI has it: its UTF-8 bytes as Latin-1 text (PEP 3333). Real servers send these bytes too."""
    return value if value.isascii() else value.encode().decode("latin-1")


def text_of(value: str) -> str:
    """Return the text of a header value that WSGI gave; one that is not UTF-8 as it is."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def ascii_text(value: str) -> str:
    """Return a text with what is not printable ASCII percent-encoded, as UTF-8 (RFC 8187, section 3.2.1)."""
    return value if value.isascii() and value.isprintable() else quote(value, safe=_PRINTABLE)


def decoded(value: str) -> str:
    """Return a text with its percent-encoded UTF-8 decoded; `UTF-8''` may stand before it (RFC 8187); else as it is."""
    charset, quotes, encoded = value.partition("''")
    text = encoded if quotes and charset.lower() == "utf-8" else value
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return value
