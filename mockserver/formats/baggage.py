"""The `baggage` header (W3C Baggage): members `key=value;properties`, separated by commas."""

from urllib.parse import unquote

_WHITESPACE = " \t"


def member_value(header: str, key: str) -> str | None:
    """Return the decoded value of the member with a key; `None` without such a member.

    A key is case-sensitive. Properties are ignored. The value of a member without `=` is empty.
    Percent-encoded bytes that are not UTF-8 become U+FFFD.

    The specification allows several members with one key, and does not select one. This function
    selects the last member, as the propagators of OpenTelemetry do.
    """
    value = None
    for member in header.split(","):
        name, _, encoded = member.partition(";")[0].partition("=")
        if name.strip(_WHITESPACE) == key:
            value = unquote(encoded.strip(_WHITESPACE))
    return value
