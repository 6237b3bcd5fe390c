"""Stories: pages on which each indented line is a request, an arrow and the response.

`tests/stories/README.md` describes the notation; the examples of `docs/scenarios.md` use it too.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from markdown_it import MarkdownIt
from markdown_it.token import Token
from werkzeug.test import TestResponse

from helpers.shipped_api import EXPORTS, TOKEN, TRASH

STEP = re.compile(r"(?P<request>[A-Z]+ .*?) -> (?P<status>\d{3}) ?(?P<expected>.*)")
HEADER_SEPARATOR = re.compile(r", (?=[A-Z][\w-]*: )")
HEADER = re.compile(r"(?P<name>[A-Z][\w-]*): (?P<value>.*)")
SHORT_PATHS = {"exports": EXPORTS, "trash": TRASH}
SHORT_TARGET = re.compile(r"(?P<sandbox>~[^/]+/)?(?P<word>exports|trash)(?=[/?]|$)")


@dataclass(frozen=True)
class Step:
    """One request, and what its response has to be."""

    line: int
    text: str
    method: str
    target: str
    headers: dict[str, str]
    body: Any
    status: int
    expectations: tuple[str, ...]
    document: Any = None

    def send(self, client: FlaskClient) -> TestResponse:
        """Send the request."""
        content = {} if self.body is None else {"json": self.body}
        return client.open(self.target, method=self.method, headers=self.headers, **content)

    def failures(self, response: TestResponse) -> list[str]:
        """Return what the response lacks, or an empty list."""
        failures = []
        if response.status_code != self.status:
            failures.append(f"status {response.status_code}")
        for expectation in self.expectations:
            if not meets(response, expectation):
                failures.append(f"not met: {expectation}")
        if self.document is not None and not agrees(self.document, response.get_json()):
            failures.append("another body")
        if failures:
            failures.append(response.text)
        return failures


@dataclass
class Story:
    """A title, perhaps a scenario, and steps that share one server."""

    title: str
    line: int
    scenario: str = ""
    steps: list[Step] = field(default_factory=list)

    def failures(self, client: FlaskClient, page: str) -> list[str]:
        """Send all requests in order, and return each failure with its line."""
        failures = []
        for step in self.steps:
            for failure in step.failures(step.send(client)):
                failures.append(f"{page}:{step.line}: {step.text}: {failure}")
        return failures


def meets(response: TestResponse, expectation: str) -> bool:
    """Return whether a response has a header, contains a text, or does not contain it."""
    header = HEADER.fullmatch(expectation)
    if header:
        return response.headers.get(header["name"]) == header["value"]
    if expectation.startswith("not "):
        return expectation.removeprefix("not ") not in response.text
    return expectation in response.text


def agrees(expected: Any, actual: Any) -> bool:
    """Return whether JSON is as documented; `"..."` stands for any value or the rest of a list."""
    if expected == "...":
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        if expected.keys() != actual.keys():
            return False
        return all(agrees(expected[name], actual[name]) for name in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        if expected and expected[-1] == "...":
            expected = expected[:-1]
            actual = actual[: len(expected)]
        return len(expected) == len(actual) and all(map(agrees, expected, actual))
    return type(expected) is type(actual) and bool(expected == actual)


def page_stories(source: str) -> list[Story]:
    """Return the stories of a page: each heading and each YAML block begins one."""
    stories: list[Story] = []
    tokens = MarkdownIt("commonmark").parse(source)
    for before, token in zip([tokens[0], *tokens], tokens, strict=False):
        if token.type == "inline" and before.type == "heading_open":
            stories.append(Story(token.content, _line(token)))
        elif token.type == "fence" and token.info == "yaml":
            _add_scenario(stories, token)
        elif token.type == "code_block":
            stories[-1].steps.extend(read_steps(token.content, _line(token)))
    return [story for story in stories if story.steps or story.scenario]


def _add_scenario(stories: list[Story], token: Token) -> None:
    """Give the scenario to the story of its heading, or begin another one."""
    story = stories[-1]
    if story.scenario or story.steps:
        story = Story(story.title, _line(token))
        stories.append(story)
    story.scenario = token.content
    title = re.match(r"title: (.+)", token.content)
    if title:
        story.title = title[1]


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def read_steps(block: str, first_line: int) -> Iterator[Step]:
    """Yield the steps of an indented block; lines of JSON after a step are its whole body."""
    lines = block.splitlines()
    index = 0
    while index < len(lines):
        number = first_line + index
        text = lines[index]
        index += 1
        body = []
        while index < len(lines) and not STEP.fullmatch(lines[index]):
            body.append(lines[index])
            index += 1
        if text.strip() or body:
            yield read_step(text, number, "\n".join(body))


def read_step(text: str, line: int, body: str = "") -> Step:
    """Return the step that a line describes.

    Raises:
        ValueError: The line is not a step.
    """
    match = STEP.fullmatch(text)
    if match is None:
        raise ValueError(f"line {line}: {text!r} is not `METHOD PATH [HEADERS] [BODY] -> STATUS`")
    method, _, rest = match["request"].partition(" ")
    target, _, sent = rest.partition(" ")
    headers, content = _headers_and_body(sent)
    expected = match["expected"]
    document = None
    if body.strip():
        document = json.loads(body)
    return Step(
        line=line,
        text=text,
        method=method,
        target=_whole_target(target),
        headers=headers,
        body=content,
        status=int(match["status"]),
        expectations=tuple(expected.split(" & ")) if expected else (),
        document=document,
    )


def _headers_and_body(sent: str) -> tuple[dict[str, str], Any]:
    """Return the headers of a request, with a token by default, and its JSON body."""
    headers = dict(TOKEN)
    text, brace, body = sent.partition("{")
    for header in HEADER_SEPARATOR.split(text.strip().removesuffix(",")):
        match = HEADER.fullmatch(header)
        if match is None:
            continue
        headers[match["name"]] = match["value"]
        if match["value"] == "none":
            del headers[match["name"]]
    if brace:
        return headers, json.loads(brace + body)
    return headers, None


def _whole_target(target: str) -> str:
    match = SHORT_TARGET.match(target)
    if match is None:
        return target
    sandbox = match["sandbox"] or ""
    prefix = f"/{sandbox}".removesuffix("/")
    return prefix + SHORT_PATHS[match["word"]] + target[match.end() :]
