"""Parse the block structure of Markdown, as fast as markdown-it-py allows.

This module has the deviations from CommonMark: a heading needs no space after its `#`, and
references to links are text.
"""

import re

from markdown_it import MarkdownIt, rules_block
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

MAX_LEVEL = 60
"""Maximum nesting; a nested list adds two levels. markdown-it drops deeper text silently."""

# As link reference definitions, lines such as `[Name]: text` would be missing from the blocks.
# In a blueprint `[Name][]` refers to a model.
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": MAX_LEVEL}).disable(
    ["inline", "text_join", "reference"]
)
_HEADING_WITHOUT_SPACE = re.compile(r"#{1,6}(?=[^\s#])")
_INTERRUPTED = ["paragraph", "reference", "blockquote"]
"""The blocks that a heading ends."""


def parse_tokens(lines: list[str], start: int) -> list[Token]:
    """Return the tokens of the lines from `start` on, with their numbers from the first line."""
    # Empty lines keep the numbers of the lines. U+FFFD for NUL is a rule of CommonMark.
    text = ("\n" * start + "\n".join(lines[start:])).replace("\0", "\ufffd")
    tokens: list[Token] = []
    state = _State(text, tokens)
    _MARKDOWN.block.tokenize(state, state.line, state.lineMax)
    return tokens


class _State(StateBlock):
    """Finds and cuts lines as a whole. markdown-it-py reads each of their first characters."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__("", _MARKDOWN, {}, tokens)
        self.src = text
        # The parser appended the entry that follows the last line.
        for marks in (self.bMarks, self.eMarks, self.tShift, self.sCount, self.bsCount):
            marks.clear()
        lines = text.split("\n")
        if not lines[-1].strip(" \t"):
            lines.pop()
        start = 0
        for line in lines:
            end = start + len(line)
            shift = len(line) - len(line.lstrip(" \t"))
            columns = shift
            if "\t" in line:
                columns = len(line[:shift].expandtabs(4))
            self._add_line(start, end, shift, columns)
            start = end + 1
        self.lineMax = len(self.bMarks)
        self._add_line(len(text), len(text), 0, 0)

    def _add_line(self, start: int, end: int, shift: int, columns: int) -> None:
        self.bMarks.append(start)
        self.eMarks.append(end)
        self.tShift.append(shift)
        self.sCount.append(columns)
        self.bsCount.append(0)

    def getLines(self, begin: int, end: int, indent: int, keepLastLF: bool) -> str:
        """Return lines without their indentation."""
        spaces = " " * indent
        pieces = []
        for line in range(begin, end):
            keeps_break = line + 1 < end or keepLastLF
            if self.src.startswith(spaces, self.bMarks[line]):
                last = self.eMarks[line] + keeps_break
                pieces.append(self.src[self.bMarks[line] + indent : last])
            else:
                pieces.append(super().getLines(line, line + 1, indent, keeps_break))
        return "".join(pieces)


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a heading. Unlike in CommonMark, the space after the last `#` can be missing."""
    if rules_block.heading(state, start, end, silent):
        return True
    if state.is_code_block(start):
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    marker = _HEADING_WITHOUT_SPACE.match(line)
    if marker is None:
        return False
    if not silent:
        state.line = start + 1
        tag = f"h{marker.end()}"
        opening = state.push("heading_open", tag, 1)
        opening.map = [start, state.line]
        text = state.push("inline", "", 0)
        text.content = line[marker.end() :].rstrip().rstrip("#").rstrip()
        text.map = [start, state.line]
        state.push("heading_close", tag, -1)
    return True


_MARKDOWN.block.ruler.at("heading", _heading, {"alt": _INTERRUPTED})
