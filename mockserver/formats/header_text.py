"""Convert text in HTTP headers: UTF-8 in the form of WSGI, and percent-encoding for ASCII."""

from urllib.parse import quote, unquote

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - not a secret
"""A regular expression for a token (RFC 9110, section 5.6.2), such as the name of a header."""

_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def wsgi_text(value: str) -> str:
    """Return a header value in the form of WSGI: its UTF-8 bytes as Latin-1 text (PEP 3333).

    Other HTTP servers send UTF-8 bytes too.
    """
    if value.isascii():
        return value
    return value.encode().decode("latin-1")


def text_of(value: str) -> str:
    """Return the text of a header value from WSGI. A value that is not UTF-8 stays the same."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def ascii_text(value: str) -> str:
    """Return a text as printable ASCII. Other characters are percent-encoded, as UTF-8.

    Source: RFC 8187, section 3.2.1.
    """
    if value.isascii() and value.isprintable():
        return value
    return quote(value, safe=_PRINTABLE)


def decoded(value: str) -> str:
    """Return a text with its percent-encoded UTF-8 decoded. Text that is not UTF-8 stays the same.

    The text can start with `UTF-8''` (RFC 8187).
    """
    charset, quotes, encoded = value.partition("''")
    text = value
    if quotes and charset.lower() == "utf-8":
        text = encoded
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return value
