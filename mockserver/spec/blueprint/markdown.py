"""Markdown text -> blocks, each with the place where it stands. What the blocks mean is for `sections` to say.

Source: CommonMark, by markdown-it-py. Only its block structure is taken: a blueprint's lines are read as they were typed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mockserver.errors import FileError, Position

MAX_CHARACTERS = 4 * 1024 * 1024
MAX_LEVEL = 60
"""How deep Markdown may nest; a list in a list is two levels. Beyond it, markdown-it drops text without a word."""

# Link definitions would vanish from the blocks, and a blueprint's `[Name][]` is a reference of its own kind.
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": MAX_LEVEL}).disable(["inline", "text_join", "reference"])

_HTML_ENDS = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>"}
_HTML_ENDS |= {f"<{tag}": f"</{tag}>" for tag in ("pre", "script", "style", "textarea")}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of Markdown."""

    kind: Literal["heading", "item", "paragraph", "code", "rule", "html", "other"]
    """An `item` is one of a bullet list; `other` are numbered lists and quotes, which are never more than text."""
    position: Position
    """Where `text` starts."""
    start: int
    """Number of its first line; of a fence, the line before its text."""
    end: int
    """Number of its last line."""
    text: str = ""
    """Of a heading, a paragraph or code; of an item, the first line of its first paragraph."""
    level: int = 0
    """Of a heading: 1 to 6."""
    children: tuple["Block", ...] = ()
    """Of an item: its blocks, without its first line."""

    @property
    def is_indented_code(self) -> bool:
        """Whether it is code by its indentation alone: what was meant as a list or a body may have become it by accident."""
        return self.kind == "code" and self.start == self.position.line


@dataclass(slots=True)
class Source:
    """A blueprint while it is read: its lines, and all that is wrong with it so far."""

    file: str
    lines: list[str]
    errors: list[FileError] = field(default_factory=list)
    warnings: list[FileError] = field(default_factory=list)

    def add_error(self, at: Position, message: str) -> None:
        """Note a fault, and go on."""
        self.errors.append(FileError(at, message))

    def add_warning(self, at: Position, message: str) -> None:
        """Note what had to be decided, and go on."""
        self.warnings.append(FileError(at, message))

    def text(self, blocks: Iterable[Block]) -> str:
        """What was typed for these blocks, without the indentation they share; parted by empty lines where they are apart."""
        pieces: list[list[str]] = []
        last: int | None = None
        for block in blocks:
            if last is None or self._filled(last, block.start - 1):
                pieces.append([])
                last = block.start - 1
            pieces[-1] += self.lines[last : block.end]
            last = block.end
        return "\n\n".join(dedent("\n".join(piece)).strip() for piece in pieces)

    def _filled(self, start: int, end: int) -> bool:
        return any(line.strip() for line in self.lines[start:end])

    def position(self, line: int, text: str) -> Position:
        """Where `text` starts in a line, both counted from 1."""
        return Position(self.file, line, max(self.lines[line - 1].find(text), 0) + 1)


def read_blocks(text: str, file: str) -> tuple[Source, list[Block]]:
    """The blocks of a text, and its source with the faults that Markdown itself can have: fences and comments left open."""
    source = Source(file, text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if len(text) > MAX_CHARACTERS:
        source.add_error(Position(file), f"the blueprint has {len(text)} characters; expected at most {MAX_CHARACTERS}")
        return source, []
    tokens = _MARKDOWN.parse("\n".join(source.lines))
    deep = next((token for token in tokens if token.level >= MAX_LEVEL - 1 and token.map), None)
    if deep and deep.map:
        source.add_error(
            Position(file, deep.map[0] + 1), f"the Markdown is nested too deeply; expected at most {MAX_LEVEL // 2} nested lists"
        )
        return source, []
    return source, _Reader(source).blocks(iter(tokens))


class _Reader:
    """Makes blocks of tokens; each kind of token has its method in `_KINDS`."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def blocks(self, tokens: Iterator[Token], closing: str = "") -> list[Block]:
        found: list[Block] = []
        for token in tokens:
            if token.type == closing:
                break
            found += _KINDS[token.type](self, token, tokens)
        return found

    def heading(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        text = next(tokens).content
        next(tokens)
        start, end = _lines(token)
        return [Block("heading", self.source.position(start, text.split("\n")[0]), start, end, text, int(token.tag[1]))]

    def paragraph(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        text = next(tokens).content
        next(tokens)
        start, end = _lines(token)
        return [Block("paragraph", self.source.position(start, text.split("\n")[0]), start, end, text)]

    def items(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        return self.blocks(tokens, "bullet_list_close")

    def item(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        children = self.blocks(tokens, "list_item_close")
        start, end = _lines(token)
        if not children or children[0].kind != "paragraph" or children[0].position.line != start:
            return [Block("item", self.source.position(start, token.markup), start, end, "", 0, tuple(children))]
        head, *rest = children
        first, *more = head.text.split("\n")
        if more:
            at = self.source.position(start + 1, more[0].strip())
            rest.insert(0, Block("paragraph", at, start + 1, head.end, "\n".join(more)))
        return [Block("item", head.position, start, end, first, 0, tuple(rest))]

    def fence(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _lines(token)
        last = self.source.lines[end - 1].strip(" \t>")
        if end == start or not last.startswith(token.markup) or last.strip(token.markup[0]):
            at = self.source.position(start, token.markup)
            self.source.add_error(at, f"unclosed fenced code block; expected a line {token.markup}")
        return [Block("code", self._code_position(start + 1, token.content), start, end, token.content)]

    def code(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _lines(token)
        content = dedent(token.content)
        return [Block("code", self._code_position(start, content), start, end, content)]

    def _code_position(self, line: int, content: str) -> Position:
        typed = self.source.lines[line - 1] if line <= len(self.source.lines) else ""
        first = content.split("\n")[0]
        # Markdown replaces tabs, so the line may not end as its content does.
        column = len(typed) - len(first) if typed.endswith(first) else len(typed) - len(typed.lstrip())
        return Position(self.source.file, line, column + 1)

    def html(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _lines(token)
        text = token.content.lstrip().lower()
        for opening, closing in _HTML_ENDS.items():
            if text.startswith(opening.lower()) and closing.lower() not in text:
                self.source.add_error(self.source.position(start, "<"), f"unclosed {opening}; expected {closing}")
        return [Block("html", Position(self.source.file, start), start, end, token.content)]

    def rule(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _lines(token)
        return [Block("rule", Position(self.source.file, start), start, end)]

    def opaque(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _lines(token)
        self._skip(tokens, token.level)
        return [Block("other", Position(self.source.file, start), start, end)]

    def _skip(self, tokens: Iterator[Token], level: int) -> None:
        for token in tokens:
            if token.type == "fence":
                self.fence(token, tokens)
            if token.level == level and token.nesting == -1:
                return


_KINDS: dict[str, Callable[[_Reader, Token, Iterator[Token]], list[Block]]] = {
    "heading_open": _Reader.heading,
    "paragraph_open": _Reader.paragraph,
    "bullet_list_open": _Reader.items,
    "list_item_open": _Reader.item,
    "fence": _Reader.fence,
    "code_block": _Reader.code,
    "html_block": _Reader.html,
    "hr": _Reader.rule,
    "ordered_list_open": _Reader.opaque,
    "blockquote_open": _Reader.opaque,
}


def _lines(token: Token) -> tuple[int, int]:
    """The first and the last line of a token, counted from 1."""
    start, end = token.map or (0, 1)
    return start + 1, end
