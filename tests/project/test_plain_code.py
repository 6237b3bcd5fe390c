"""Plain code: one idea a line. Ruff limits the columns and the complexity."""

import ast
from collections.abc import Callable, Iterator

import pytest
from helpers.repository import ROOT

FILES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("mockserver", "tools", "clients/python/src")
    for path in (ROOT / folder).rglob("*.py")
)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def inner_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes within `node`, without `node`."""
    for inner in ast.walk(node):
        if inner is not node:
            yield inner


def is_nested_comprehension(node: ast.AST) -> bool:
    """Return whether a comprehension has two loops, or contains another one."""
    if not isinstance(node, COMPREHENSIONS):
        return False
    if len(node.generators) > 1:
        return True
    return any(isinstance(inner, COMPREHENSIONS) for inner in inner_nodes(node))


def has_ternary_inside(node: ast.AST) -> bool:
    """Return whether a ternary is in a call, a comprehension or another ternary."""
    if not isinstance(node, (ast.Call, ast.IfExp, *COMPREHENSIONS)):
        return False
    return any(isinstance(inner, ast.IfExp) for inner in inner_nodes(node))


def returns_a_lambda(node: ast.AST) -> bool:
    """Return whether a lambda returns a lambda."""
    return isinstance(node, ast.Lambda) and isinstance(node.body, ast.Lambda)


def walruses_elsewhere(tree: ast.AST) -> Iterator[int]:
    """Yield the lines of assignment expressions outside the test of an `if` or a `while`."""
    allowed = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.While)):
            allowed.update(id(inner) for inner in ast.walk(node.test))
    for node in ast.walk(tree):
        if isinstance(node, ast.NamedExpr) and id(node) not in allowed:
            yield node.lineno


RULES: dict[str, Callable[[ast.AST], bool]] = {
    "a nested comprehension: write a loop or a function": is_nested_comprehension,
    "a ternary inside a call or a comprehension: name its result first": has_ternary_inside,
    "a lambda that returns a lambda: write a function": returns_a_lambda,
}


def findings(name: str, source: str) -> list[str]:
    """Return each breach of the rules in a module, with its line."""
    tree = ast.parse(source)
    breaches = []
    for node in ast.walk(tree):
        for text, breaks_rule in RULES.items():
            if breaks_rule(node):
                breaches.append(f"{name}:{node.lineno}: {text}")
    for line in walruses_elsewhere(tree):
        breaches.append(f"{name}:{line}: an assignment expression outside of if and while")
    return breaches


def test_modules_have_one_idea_a_line() -> None:
    breaches = []
    for name in FILES:
        breaches += findings(name, (ROOT / name).read_text(encoding="utf-8"))
    assert breaches == []


@pytest.mark.parametrize(
    "source",
    [
        "[a for b in c for a in b]",
        "[[a for a in b] for b in c]",
        "f(a if b else c)",
        "[a if b else c for a in d]",
        "a if b else c if d else e",
        "lambda a: lambda b: a",
        "x = (y := f())",
    ],
)
def test_each_rule_finds_its_breach(source: str) -> None:
    assert findings("example.py", source) != []


DENSITIES = {"ternaries": 15, "comprehensions": 30}


def code_line_count(source: str, tree: ast.AST) -> int:
    """Return the number of lines that are not blank, a comment or a docstring."""
    docstring_lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstring_lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    count = 0
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#") and number not in docstring_lines:
            count += 1
    return count


def test_the_package_has_few_ternaries_and_comprehensions() -> None:
    lines = 0
    counts = dict.fromkeys(DENSITIES, 0)
    for name in FILES:
        source = (ROOT / name).read_text(encoding="utf-8")
        tree = ast.parse(source)
        lines += code_line_count(source, tree)
        for node in ast.walk(tree):
            counts["ternaries"] += isinstance(node, ast.IfExp)
            counts["comprehensions"] += isinstance(node, COMPREHENSIONS)
    densities = {name: 1000 * count / lines for name, count in counts.items()}
    assert {name: value for name, value in densities.items() if value > DENSITIES[name]} == {}
