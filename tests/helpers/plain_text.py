"""The English of the repository: Markdown pages, Python modules and other files."""

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

# A code span counts as one word of its sentence; the name keeps it apart from the prose.
CODE_SPAN = "CODE"
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`\"(])")
WORD = re.compile(r"[^\W_][\w'’./-]*")


@dataclass(frozen=True)
class Text:
    """A piece of English and the line on which it begins."""

    line: int
    text: str


def markdown_blocks(source: str) -> Iterator[Text]:
    """Yield each paragraph, list item, heading and table cell of a page, without its code."""
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    for token in tokens:
        if token.type == "inline":
            yield Text(_first_line(token), _inline_text(token.children or []))


def markdown_sentences(source: str) -> Iterator[Text]:
    """Yield each sentence of the paragraphs and list items of a page, without headings."""
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    for opening, token in itertools.pairwise(tokens):
        if token.type == "inline" and opening.type == "paragraph_open":
            for sentence in SENTENCE_END.split(_inline_text(token.children or [])):
                yield Text(_first_line(token), sentence)


def _first_line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _inline_text(tokens: list[Token]) -> str:
    pieces = []
    for token in tokens:
        if token.type == "code_inline":
            pieces.append(CODE_SPAN)
        elif token.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
        elif token.type == "image":
            pieces.append(". ")
        else:
            pieces.append(token.content)
    return "".join(pieces)


def word_count(sentence: str) -> int:
    """Return the number of words; a code span is one."""
    return len(WORD.findall(sentence))


def python_texts(source: str) -> Iterator[Text]:
    """Yield the docstrings, comments and strings of a module."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], token.string)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Text(node.lineno, node.value)


def other_texts(path: Path) -> Iterator[Text]:
    """Yield the lines of a file in another format."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        yield Text(number, line)


def texts(path: Path) -> Iterator[Text]:
    """Yield the English of a file by its kind."""
    if path.suffix == ".md":
        yield from markdown_blocks(path.read_text(encoding="utf-8"))
    elif path.suffix == ".py":
        yield from python_texts(path.read_text(encoding="utf-8"))
    else:
        yield from other_texts(path)
