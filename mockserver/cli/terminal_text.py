"""Text as a terminal shows it: without control characters, and its width in columns."""

import unicodedata


def printable(text: str) -> str:
    """Return a text in which everything is escaped that a terminal would interpret, except tabs."""
    if text.isprintable():
        return text
    return "".join(map(_printable_character, text))


def _printable_character(character: str) -> str:
    if character == "\t" or character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def display_width(text: str) -> int:
    """Return the number of columns of a printable text in a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    """Return the number of columns of a character."""
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 2
    return 1
