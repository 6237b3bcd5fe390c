"""Read Markdown text into blocks with their positions. The module `sections` interprets the blocks.

Source: CommonMark, parsed by markdown-it-py. Only the block structure is used, because blueprints
need lines as they were typed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mockserver.errors import FileMessage, Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.messages import MessageKind

MAX_CHARACTERS = 4 * 1024 * 1024
MAX_LEVEL = 60
"""Maximum nesting; a nested list adds two levels. markdown-it drops deeper text silently."""

# As link reference definitions, lines such as `[Name]: text` would be missing from the blocks.
# In a blueprint `[Name][]` refers to a model.
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": MAX_LEVEL}).disable(
    ["inline", "text_join", "reference"]
)

# CommonMark, "HTML blocks", start conditions 1, 2, 3 and 5.
_HTML_ENDS = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>"}
_HTML_ENDS |= {f"<{tag}": f"</{tag}>" for tag in ("pre", "script", "style", "textarea")}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of Markdown."""

    kind: Literal["heading", "item", "paragraph", "code", "rule", "html", "other"]
    """`item` is an item of a bullet list. `other` is a numbered list or a quote: only text."""
    position: Position
    """The start of `text`."""
    start: int
    """The number of the first line. The text of a fenced code block starts on the next line."""
    end: int
    """The number of the last line."""
    text: str = ""
    """The text of a heading, paragraph or code block, or the first line of an item."""
    level: int = 0
    """The level of a heading: 1 to 6."""
    children: tuple["Block", ...] = ()
    """The blocks of an item, without its first line."""

    @property
    def is_indented_code(self) -> bool:
        """Whether this is an indented code block, perhaps a list with a wrong indentation."""
        return self.kind == "code" and self.start == self.position.line


@dataclass(slots=True)
class Source:
    """The lines of a blueprint, and the messages about it so far."""

    file: str
    lines: list[str]
    messages: list[FileMessage] = field(default_factory=list)

    def report(self, kind: MessageKind, position: Position, text: str) -> None:
        """Record a message. Reading continues with the outcome of its kind.

        Args:
            kind: The kind of message.
            position: What the message is about.
            text: What is wrong and how to fix it, with the value in quotes.
        """
        self.messages.append(kind.message(position, text))

    def text(self, blocks: Iterable[Block]) -> str:
        """Return the lines of these blocks as typed, without their common indentation.

        An empty line separates blocks that have other text between them.
        """
        pieces: list[list[str]] = []
        last: int | None = None
        for block in blocks:
            if last is None or self._has_text(last, block.start - 1):
                pieces.append([])
                last = block.start - 1
            pieces[-1] += self.lines[last : block.end]
            last = block.end
        return "\n\n".join(dedent("\n".join(piece)).strip() for piece in pieces)

    def _has_text(self, start: int, end: int) -> bool:
        return any(line.strip() for line in self.lines[start:end])

    def position(self, line: int, text: str) -> Position:
        """Return the position of `text` in a line, or the start of the line if it is not there."""
        column = max(self.lines[line - 1].find(text), 0) + 1
        return Position(self.file, line, column)


def read_blocks(text: str, file: str) -> tuple[Source, list[Block]]:
    """Return the blocks of a text, and its source.

    Errors are added to the source: unclosed code blocks and HTML, and text that is too long or too
    deeply nested.
    """
    source = Source(file, text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if len(text) > MAX_CHARACTERS:
        message = f"the blueprint has {len(text)} characters; expected at most {MAX_CHARACTERS}"
        source.report(messages.TOO_LONG, Position(file), message)
        return source, []
    tokens = _MARKDOWN.parse("\n".join(source.lines))
    too_deep = next((token for token in tokens if token.level >= MAX_LEVEL - 1 and token.map), None)
    if too_deep and too_deep.map:
        limit = f"expected at most {MAX_LEVEL // 2} nested lists"
        position = Position(file, too_deep.map[0] + 1)
        message = f"the Markdown is nested too deeply; {limit}"
        source.report(messages.TOO_DEEP, position, message)
        return source, []
    return source, _BlockReader(source).blocks(iter(tokens))


class _BlockReader:
    """Builds blocks from tokens. `_BLOCK_READERS` maps the type of a token to its method."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def blocks(self, tokens: Iterator[Token], closing: str = "") -> list[Block]:
        """Return the blocks up to the token of type `closing`, or up to the end."""
        blocks: list[Block] = []
        for token in tokens:
            if token.type == closing:
                break
            blocks += _BLOCK_READERS[token.type](self, token, tokens)
        return blocks

    def heading(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        text = next(tokens).content
        next(tokens)
        start, end = _line_range(token)
        position = self.source.position(start, text.split("\n")[0])
        return [Block("heading", position, start, end, text, int(token.tag[1]))]

    def paragraph(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        text = next(tokens).content
        next(tokens)
        start, end = _line_range(token)
        position = self.source.position(start, text.split("\n")[0])
        return [Block("paragraph", position, start, end, text)]

    def items(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        return self.blocks(tokens, "bullet_list_close")

    def item(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        children = self.blocks(tokens, "list_item_close")
        start, end = _line_range(token)
        first = children[0] if children else None
        if first is None or first.kind != "paragraph" or first.position.line != start:
            position = self.source.position(start, token.markup)
            return [Block("item", position, start, end, "", 0, tuple(children))]
        text, *other_lines = first.text.split("\n")
        rest = children[1:]
        if other_lines:
            position = self.source.position(start + 1, other_lines[0].strip())
            paragraph = Block("paragraph", position, start + 1, first.end, "\n".join(other_lines))
            rest.insert(0, paragraph)
        return [Block("item", first.position, start, end, text, 0, tuple(rest))]

    def fence(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _line_range(token)
        last = self.source.lines[end - 1].strip(" \t>")
        is_closed = last.startswith(token.markup) and not last.strip(token.markup[0])
        if end == start or not is_closed:
            message = f"unclosed fenced code block; expected a line {token.markup}"
            position = self.source.position(start, token.markup)
            self.source.report(messages.UNCLOSED_CODE, position, message)
        position = self._code_position(start + 1, token.content)
        return [Block("code", position, start, end, token.content)]

    def code(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _line_range(token)
        content = dedent(token.content)
        return [Block("code", self._code_position(start, content), start, end, content)]

    def _code_position(self, line: int, content: str) -> Position:
        """Return the position of code whose first line is `line`."""
        typed = self.source.lines[line - 1] if line <= len(self.source.lines) else ""
        first = content.split("\n")[0]
        # Markdown replaces tabs, so the typed line may end differently from the content.
        column = len(typed) - len(typed.lstrip())
        if typed.endswith(first):
            column = len(typed) - len(first)
        return Position(self.source.file, line, column + 1)

    def html(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _line_range(token)
        text = token.content.lstrip().lower()
        for opening, closing in _HTML_ENDS.items():
            if text.startswith(opening.lower()) and closing.lower() not in text:
                position = self.source.position(start, "<")
                message = f"unclosed {opening}; expected {closing}"
                self.source.report(messages.UNCLOSED_HTML, position, message)
        return [Block("html", Position(self.source.file, start), start, end, token.content)]

    def rule(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _line_range(token)
        return [Block("rule", Position(self.source.file, start), start, end)]

    def opaque(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        """Return a numbered list or a quote as one block, without reading the blocks in it."""
        start, end = _line_range(token)
        self._skip(tokens, token.level)
        return [Block("other", Position(self.source.file, start), start, end)]

    def _skip(self, tokens: Iterator[Token], level: int) -> None:
        """Skip the tokens up to the closing one of this level; check fenced code blocks."""
        for token in tokens:
            if token.type == "fence":
                self.fence(token, tokens)
            if token.level == level and token.nesting == -1:
                return


_BLOCK_READERS: dict[str, Callable[[_BlockReader, Token, Iterator[Token]], list[Block]]] = {
    "heading_open": _BlockReader.heading,
    "paragraph_open": _BlockReader.paragraph,
    "bullet_list_open": _BlockReader.items,
    "list_item_open": _BlockReader.item,
    "fence": _BlockReader.fence,
    "code_block": _BlockReader.code,
    "html_block": _BlockReader.html,
    "hr": _BlockReader.rule,
    "ordered_list_open": _BlockReader.opaque,
    "blockquote_open": _BlockReader.opaque,
}


def _line_range(token: Token) -> tuple[int, int]:
    """Return the first and the last line of a token, counted from 1."""
    start, end = token.map or (0, 1)
    return start + 1, end
