"""Write XML. ElementTree escapes texts, but keeps characters that no XML parser accepts."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 does not allow (section 2.2)."""


def element(parent: Element | None, tag: str, **attributes: object) -> Element:
    """Return a new element, appended to its parent."""
    texts = {}
    for name, value in attributes.items():
        texts[name.replace("_", "-")] = valid_text(str(value))
    if parent is None:
        return Element(tag, texts)
    return SubElement(parent, tag, texts)


def valid_text(text: str) -> str:
    """Return a text with each invalid character as an escape, for example `\\x1b`."""
    return _INVALID.sub(_escape, text)


def document(root: Element, doctype: str = "") -> str:
    """Return the text of an XML document."""
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}{text}\n'


def _escape(match: re.Match[str]) -> str:
    return ascii(match[0]).strip("'")
