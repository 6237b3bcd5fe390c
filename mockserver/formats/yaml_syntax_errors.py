"""Explain syntax errors of PyYAML: where they are, and how to fix them.

If a quote or a bracket is not closed, the position is where it opens.
"""

from typing import Any

import yaml


def explain(error: yaml.MarkedYAMLError, text: str, quote: Any) -> tuple[Any, str]:
    """Return the mark of a syntax error, and its message.

    Args:
        error: The error of the parser.
        text: The text that was parsed.
        quote: The last event if it is quoted text, else `None`.
    """
    noticed: Any = error.problem_mark
    opened, problem = error.context_mark, str(error.problem)
    # libyaml and PyYAML's own parser have different messages for this frequent mistake.
    if "cannot start any token" in problem:
        return noticed, _invalid_start(text[noticed.index])
    if quote and quote.start_mark.line < quote.end_mark.line == noticed.line:
        message = (
            f"the quote that opens here closes on line {noticed.line + 1}, "
            "and the text after it is invalid; close it where the text ends"
        )
        return quote.start_mark, message
    if opened:
        unclosed = _unclosed(error, opened.line, noticed.line)
        if unclosed:
            return opened, unclosed
        if "could not find expected ':'" in problem:
            noticed = opened  # the start of the text that the parser takes for a key
    return noticed, " ".join(filter(None, [error.context, error.problem]))


def _invalid_start(character: str) -> str:
    if character == "\t":
        return "tab in the indentation; indent with spaces"
    return f"no value can start with {character!r}; put the value in quotes"


def _unclosed(error: yaml.MarkedYAMLError, opened_line: int, noticed_line: int) -> str:
    """Return a message if a quote or a bracket is not closed, else an empty text.

    The lines count from 0.
    """
    problem, context = str(error.problem), str(error.context)
    is_at_end = "end of stream" in problem or "document indicator" in problem
    if "quoted scalar" in context and is_at_end:
        return "the quote that opens here is never closed"
    if "flow" in context and noticed_line > opened_line:
        bracket = "]" if "sequence" in context else "}"
        return (
            f"the bracket that opens here is not closed before line {noticed_line + 1}; "
            f"expected {bracket}"
        )
    return ""
