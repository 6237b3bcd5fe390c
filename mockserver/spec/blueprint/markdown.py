"""Read Markdown text into blocks with their positions. The module `sections` interprets the blocks.

Source: CommonMark, parsed by markdown-it-py. Only the block structure is used, because blueprints
need lines as they were typed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Literal

from markdown_it.token import Token

from mockserver.errors import FileMessage, Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.block_parser import MAX_LEVEL, parse_tokens
from mockserver.spec.blueprint.messages import MessageKind

MAX_CHARACTERS = 4 * 1024 * 1024
_ITEM_WITHOUT_SPACE = re.compile(
    r"^(?P<start>[ \t]*[-+*])"
    r"(?=(?:Response|Request|Model|Headers|Body|Schema|Attributes|Parameters)\b[ \t]*"
    r"(?:[0-9]{3}\b|\(|$))",
    re.MULTILINE,
)
_MAX_UNCLOSED = 20
"""Maximum unclosed blocks that end at the next section. Each one takes another parse."""
_SECTION_LINE = re.compile(
    r" {0,3}(?:#{1,6}\s*(?:Group\b|[A-Z]+\s+/|.*\[\s*(?:[/{]|[A-Z]+[ \]]))"
    r"|[-+*] Re(?:sponse|quest)\b)"
)

# CommonMark, "HTML blocks", start conditions 1, 2, 3 and 5.
_HTML_ENDS = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>"}
_HTML_ENDS |= {f"<{tag}": f"</{tag}>" for tag in ("pre", "script", "style", "textarea")}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of Markdown."""

    kind: Literal["heading", "item", "paragraph", "code", "rule", "html", "other"]
    """`item` is an item of a list. `other` is a quote: only text."""
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
    refused: set[int] = field(default_factory=set)
    """The lines of the headings of operations that are not served."""

    def report(self, kind: MessageKind, position: Position, text: str) -> None:
        """Record a message. Reading continues with the outcome of its kind.

        Args:
            kind: The kind of message.
            position: What the message is about.
            text: What is wrong and how to fix it, with the value in quotes.
        """
        self.messages.append(kind.message(position, text))
        if kind.refuses_operation:
            self.refused.add(position.line)

    @property
    def is_refused(self) -> bool:
        """Whether a message states that nothing of the file is served."""
        outcome = messages.NO_OPERATION.outcome
        return any(message.outcome == outcome for message in self.messages)

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
    tokens = _tokens(source)
    too_deep = next((token for token in tokens if token.level >= MAX_LEVEL - 1 and token.map), None)
    if too_deep and too_deep.map:
        limit = f"expected at most {MAX_LEVEL // 2} nested lists"
        position = Position(file, too_deep.map[0] + 1)
        message = f"the Markdown is nested too deeply; {limit}"
        source.report(messages.TOO_DEEP, position, message)
        return source, []
    return source, _BlockReader(source).blocks(iter(tokens))


def indented_blocks(source: Source, code: Block) -> list[Block]:
    """Return the blocks of an indented code block, read without the indentation of its start.

    Therefore the first block is not indented code.
    """
    typed = [line.expandtabs(4) for line in source.lines[code.start - 1 : code.end]]
    indentation = len(typed[0]) - len(typed[0].lstrip())
    lines = []
    for line in typed:
        lines.append(line[:indentation].lstrip() + line[indentation:])
    tokens = parse_tokens(lines, 0)
    for token in tokens:
        if token.map:
            start, end = token.map
            token.map = [start + code.start - 1, end + code.start - 1]
    return _BlockReader(source).blocks(iter(tokens))


def _tokens(source: Source) -> list[Token]:
    """Return the tokens of the lines. Unclosed code and HTML ends before the next section."""
    tokens: list[Token] = []
    lines = _with_spaces_after_markers(source)
    start = 0
    for _ in range(_MAX_UNCLOSED):
        parsed = parse_tokens(lines, start)
        end = _end_of_unclosed(parsed, lines)
        if end is None:
            return tokens + parsed
        tokens += parse_tokens(lines[:end], start)
        start = end
    return tokens + parse_tokens(lines, start)


def _with_spaces_after_markers(source: Source) -> list[str]:
    """Return the lines with a space after the marker of items such as `+Response 200`."""
    text = "\n".join(source.lines)
    spaced, count = _ITEM_WITHOUT_SPACE.subn(r"\g<start> ", text)
    if not count:
        return source.lines
    lines = spaced.split("\n")
    for number, (line, typed) in enumerate(zip(lines, source.lines, strict=True), 1):
        if line != typed:
            item = typed.strip()[:60]
            message = f"no space after the marker of {item!r}; expected `{item[0]} {item[1:]}`"
            source.report(messages.ITEM_WITHOUT_SPACE, source.position(number, item), message)
    return lines


def _end_of_unclosed(tokens: list[Token], lines: list[str]) -> int | None:
    """Return the line of the first section in code or HTML that is not closed."""
    last = tokens[-1] if tokens else None
    if last is None or last.level > 0 or last.type not in ("fence", "html_block") or not last.map:
        return None
    if last.type == "fence" and lines[last.map[1] - 1].strip().startswith(last.markup):
        return None
    if last.type == "html_block" and not _is_unclosed_html(last.content):
        return None
    for number in range(last.map[0] + 1, last.map[1]):
        if _SECTION_LINE.match(lines[number]):
            return number
    return None


def _is_unclosed_html(text: str) -> bool:
    return any(_unclosed_html(text))


def _unclosed_html(text: str) -> Iterator[tuple[str, str]]:
    """Yield the opening and the missing closing of an HTML block."""
    text = text.lstrip().lower()
    for opening, closing in _HTML_ENDS.items():
        if text.startswith(opening.lower()) and closing.lower() not in text:
            yield opening, closing


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
        return self.blocks(tokens, token.type.replace("_open", "_close"))

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
        first = min(start + 1, len(self.source.lines))
        position = self._code_position(first, token.content)
        return [Block("code", position, start, end, token.content)]

    def code(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _line_range(token)
        content = dedent(token.content)
        return [Block("code", self._code_position(start, content), start, end, content)]

    def _code_position(self, line: int, content: str) -> Position:
        """Return the position of code whose first line is `line`."""
        typed = self.source.lines[line - 1]
        first = content.split("\n")[0]
        # Markdown replaces tabs, so the typed line may end differently from the content.
        column = len(typed) - len(typed.lstrip())
        if typed.endswith(first):
            column = len(typed) - len(first)
        return Position(self.source.file, line, column + 1)

    def html(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _line_range(token)
        for opening, closing in _unclosed_html(token.content):
            position = self.source.position(start, "<")
            message = f"unclosed {opening}; expected {closing}"
            self.source.report(messages.UNCLOSED_HTML, position, message)
        return [Block("html", Position(self.source.file, start), start, end, token.content)]

    def rule(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        start, end = _line_range(token)
        return [Block("rule", Position(self.source.file, start), start, end)]

    def opaque(self, token: Token, tokens: Iterator[Token]) -> list[Block]:
        """Return a quote as one block, without reading the blocks in it."""
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
    "ordered_list_open": _BlockReader.items,
    "blockquote_open": _BlockReader.opaque,
}


def _line_range(token: Token) -> tuple[int, int]:
    """Return the first and the last line of a token, counted from 1."""
    start, end = token.map or (0, 1)
    return start + 1, end
