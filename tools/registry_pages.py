"""Turn the relative links of a page into what a package registry can show."""

import posixpath
import re
from collections.abc import Iterator

_FENCE = "```"
_LINK = re.compile(r"(!?)\[([^\[\]]*)\]\((?![a-z+]+:|#)([^)\s]+)\)|`[^`]*`")
"""A link to a file of the repository, or a code span, which has no links."""


def page_for_registry(text: str, folder: str, files_url: str) -> str:
    """Return the Markdown of a page whose links work outside the repository.

    Args:
        text: The page.
        folder: The folder of the page in the repository, `.` for its root.
        files_url: The address of the repository's files. If it is empty, a link becomes its text,
            and an image is removed.
    """

    def replacement(link: re.Match[str]) -> str:
        mark, label, target = link.groups()
        if target is None:
            return link[0]
        if files_url:
            path = posixpath.normpath(posixpath.join(folder, target))
            return f"{mark}[{label}]({files_url.rstrip('/')}/{path})"
        if mark:
            return ""
        return str(label)

    lines = []
    for line, is_code in _lines(text):
        if not is_code:
            line = _LINK.sub(replacement, line)
        lines.append(line)
    return "".join(lines)


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it belongs to a code block."""
    in_code = False
    for line in text.splitlines(keepends=True):
        is_fence = line.startswith(_FENCE)
        yield line, in_code or is_fence
        in_code ^= is_fence
