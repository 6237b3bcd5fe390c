"""Plain technical English: words that cost a reader time are in no page, message or docstring."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from helpers.plain_text import Text, markdown_sentences, texts, word_count
from helpers.repository import ROOT

# The expression, and what to write instead.
WORDS = {
    r"\b(told|tells?|telling)\b": "returned, reported, logged",
    r"\b(says?|said|saying)\b": "returns, reports, names, states",
    r"\bbesides?\b": "next to, in addition to",
    r"\bbehind\b(?! (a|the|an|your|another|its) ([\w-]+ )?(proxy|proxies|gateway|load balancer))": (
        "after, or: behind a proxy"
    ),
    r"\bbut for\b": "except",
    r"\bby lot\b": "random",
    r"\banew\b": "again",
    r"\bcannot be meant\b": "is invalid",
    r"\bof (its|their|his|your|our) own\b": "own, separate",
    r"\bwho(so)?ever\b": "any client, any user",
    r"\bwhatever\b": "any, each",
    r"\b(?<!there )(is|are) no (?!longer\b|more than\b)": "is not a, invalid, unknown",
    r"\bunless (given|told|said)\b": "by default",
    r"\bparted by\b": "separated by",
    r"\bheld against\b": "validated against",
    r"\bby hand\b": "manually",
}
FOLDERS = [
    "docs",
    "mockserver",
    "fixtures",
    "clients",
    "examples",
    "action",
    "tools",
    "bench",
]
KINDS = {".md", ".py", ".js", ".ts", ".html", ".css", ".yaml"}
PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "AGENTS.md"]
MAX_WORDS = 25
MAX_MEAN = 16


def files() -> list[str]:
    """Return the files that people read, relative to the repository."""
    names = list(PAGES)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in KINDS and not _is_generated(path):
                names.append(str(path.relative_to(ROOT)))
    return names


def _is_generated(path: Path) -> bool:
    return not {"node_modules", "dist", "_build", "__pycache__"}.isdisjoint(path.parts)


DOCUMENTS = ["README.md", *(name for name in files() if re.match(r"docs/.*\.md$", name))]


def word_findings(name: str, pieces: Iterable[Text]) -> list[str]:
    """Return each word of the list, with its line and what to write instead."""
    findings = []
    for piece in pieces:
        for expression, instead in WORDS.items():
            for match in re.finditer(expression, piece.text, re.IGNORECASE):
                excerpt = piece.text[max(0, match.start() - 30) : match.end() + 30]
                findings.append(f"{name}:{piece.line}: {excerpt!r}: write {instead}")
    return findings


def sentence_findings(name: str, source: str) -> list[str]:
    """Return each sentence of a page that breaks a rule."""
    findings = []
    for sentence in markdown_sentences(source):
        place = f"{name}:{sentence.line}: {sentence.text!r}"
        if word_count(sentence.text) > MAX_WORDS:
            findings.append(f"{place}: over {MAX_WORDS} words")
        if ";" in sentence.text:
            findings.append(f"{place}: two sentences are better than a semicolon")
        if re.match(r"(What|Who|Whoever|Whatever|Of)\b[^?]*$", sentence.text):
            findings.append(f"{place}: begin with the subject")
    return findings


@pytest.mark.parametrize(
    "text",
    [
        "The client is told.",
        "It stands beside the server.",
        "It is sent behind the headers.",
        "None, but for one.",
        "A world of its own.",
        "This is no collection.",
        "A port, unless given.",
    ],
)
def test_a_word_of_the_list_is_found(text: str) -> None:
    assert len(word_findings("page.md", [Text(1, text)])) == 1


@pytest.mark.parametrize("text", ["It runs behind a proxy.", "There is no default."])
def test_a_term_of_the_field_is_not_found(text: str) -> None:
    assert word_findings("page.md", [Text(1, text)]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "word " * 26 + ".",
        "The server starts; it listens.",
        "What it returns is valid.",
    ],
)
def test_a_sentence_that_breaks_a_rule_is_found(sentence: str) -> None:
    page = f"# Title\n\nA short sentence. {sentence}\n\n- An item.\n"
    assert len(sentence_findings("page.md", page)) == 1


def test_no_file_has_a_word_of_the_list() -> None:
    findings: list[str] = []
    for name in files():
        findings += word_findings(name, texts(ROOT / name))
    assert findings == []


def test_pages_have_short_sentences_in_plain_order() -> None:
    findings: list[str] = []
    for name in [*DOCUMENTS, "ARCHITECTURE.md", "CONTRIBUTING.md", "AGENTS.md"]:
        findings += sentence_findings(name, (ROOT / name).read_text(encoding="utf-8"))
    assert findings == []


def test_the_sentences_of_all_pages_are_short_on_average() -> None:
    counts = []
    for name in DOCUMENTS:
        for sentence in markdown_sentences((ROOT / name).read_text(encoding="utf-8")):
            counts.append(word_count(sentence.text))
    assert sum(counts) / len(counts) <= MAX_MEAN


def test_no_module_uses_the_word_told_in_a_name() -> None:
    modules = [name for name in files() if name.endswith(".py")]
    assert [name for name in modules if "told" in (ROOT / name).read_text().lower()] == []
