"""Convert the text of a flag or an environment variable to the value of a setting.

A converter raises `ValueError` with the expected form. `load_settings` adds the setting's name.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from mockserver.config import processes

Converter = Callable[[str], Any]

_SWITCH_WORDS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/@?#*\s]+", re.IGNORECASE)
"""Scheme, host and port, without a path: as browsers send it (RFC 6454, section 7)."""
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_SECRET = re.compile(r"[!-~]+")


def integer(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a converter for integers in a range."""

    def convert(text: str) -> int:
        value = _parse(int, text)
        if value is None or not minimum <= value <= maximum:
            raise ValueError(f"expected an integer from {minimum} to {maximum}")
        return int(value)

    return convert


def workers(text: str) -> int:
    """Convert the number of processes."""
    count = integer(1, 64)(text)
    if count > 1 and not processes.CAN_FORK:
        raise ValueError("this platform cannot run several processes; expected 1")
    return count


def number(minimum: float, maximum: float) -> Callable[[str], float]:
    """Return a converter for numbers in a range. NaN is in no range."""

    def convert(text: str) -> float:
        value = _parse(float, text)
        if value is None or not minimum <= value <= maximum:
            raise ValueError(f"expected a number from {minimum} to {maximum}")
        return value

    return convert


def _parse(number_type: type[int] | type[float], text: str) -> float | None:
    try:
        return number_type(text)
    except ValueError:
        return None


def one_of(*words: str) -> Callable[[str], str]:
    """Return a converter for a choice of words."""

    def convert(text: str) -> str:
        if text not in words:
            raise ValueError(f"expected {' or '.join(words)}")
        return text

    return convert


def switch(text: str) -> bool:
    """Convert `1` or `0`, or a word such as `yes` or `off`."""
    word = text.lower()
    if word not in _SWITCH_WORDS:
        raise ValueError("expected 1 or 0")
    return _SWITCH_WORDS[word]


def on_or_off(text: str) -> bool:
    """Convert a switch whose flag takes `on` or `off`."""
    try:
        return switch(text)
    except ValueError as error:
        raise ValueError("expected on or off") from error


def switch_or_auto(text: str) -> bool | None:
    """Convert a switch; `auto` becomes `None`."""
    if text.lower() == "auto":
        return None
    try:
        return switch(text)
    except ValueError as error:
        raise ValueError("expected auto, on or off") from error


def folder(text: str) -> Path:
    """Convert the path of an existing folder."""
    path = Path(text)
    if not text or not path.is_dir():  # an empty text would be the working directory
        raise ValueError("expected an existing folder")
    return path


def scenarios_folder(text: str) -> Path:
    """Convert the path of an existing folder of scenarios."""
    path = Path(text)
    if path.is_file():
        raise ValueError("expected the folder of scenario files, without the name of a file")
    if not text or not path.is_dir():
        raise ValueError(
            "expected an existing folder; to switch a scenario on, use --scenario NAME "
            "(MOCKSERVER_SCENARIOS)"
        )
    return path


def origin(text: str) -> str:
    """Convert an origin, or `*` for any, to lower case."""
    if text != "*" and not _ORIGIN.fullmatch(text):
        raise ValueError("expected an origin such as https://app.example.com, or * for any")
    return text.lower()


def exact_origin(text: str) -> str:
    """Convert an origin to lower case. `*` is not allowed."""
    if not _ORIGIN.fullmatch(text):
        raise ValueError(
            "expected an origin such as https://app.example.com; * is not allowed here"
        )
    return text.lower()


def token(text: str) -> str:
    """Check that a text has the form of a token with its features."""
    name, equals, _ = text.partition("=")
    if not name or not equals:
        raise ValueError("expected NAME=FEATURE+FEATURE, NAME= or NAME=expired")
    return text


def network(text: str) -> str:
    """Convert an IP address or a network to its canonical text."""
    try:
        return _canonical_network(text)
    except ValueError as error:
        raise ValueError(
            "expected an address such as 10.0.0.1, or a network such as 10.0.0.0/8"
        ) from error


def _canonical_network(text: str) -> str:
    if "/" in text:
        return str(ip_network(text, strict=False))
    return str(ip_address(text))


def host(text: str) -> str:
    """Convert the name of a host to lower case."""
    if not _HOST.fullmatch(text):
        raise ValueError("expected a host name such as mock.example.com, without scheme, port or *")
    return text.lower()


def secret(text: str) -> str:
    """Check that a secret can be sent in a header. An empty secret would leave the server open."""
    if not _SECRET.fullmatch(text):
        raise ValueError(
            "expected visible ASCII characters without spaces; "
            "unset it for a server without a token"
        )
    return text
