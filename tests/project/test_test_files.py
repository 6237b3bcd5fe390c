"""The layout of the tests: helpers in tests/helpers, fixtures in conftest.py, short files."""

import ast
from functools import cache
from pathlib import Path

from helpers.repository import ROOT

TESTS = ROOT / "tests"
FILES = {str(path.relative_to(TESTS)): path for path in sorted(TESTS.rglob("*.py"))}
MAX_LINES = 400


def imported_modules(tree: ast.Module) -> set[str]:
    """Return the names of the modules that a file imports, anywhere in it."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
    return modules


def decorator_names(function: ast.FunctionDef) -> set[str]:
    """Return the decorators of a function, without their arguments."""
    return {ast.unparse(decorator).partition("(")[0] for decorator in function.decorator_list}


@cache
def syntax_tree(name: str) -> ast.Module:
    """Return the parsed text of a file."""
    return ast.parse(FILES[name].read_text())


def functions(name: str) -> list[ast.FunctionDef]:
    """Return the functions at the top of a file."""
    return [node for node in syntax_tree(name).body if isinstance(node, ast.FunctionDef)]


def test_files_are_short() -> None:
    lines = {name: len(path.read_text().splitlines()) for name, path in FILES.items()}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


def test_no_file_imports_a_test_file() -> None:
    wrong = []
    for name in FILES:
        for module in imported_modules(syntax_tree(name)):
            if module.rpartition(".")[2].startswith(("test_", "conftest")):
                wrong.append(f"{name} imports {module}")
    assert wrong == []


def test_a_conftest_has_fixtures_and_hooks_only() -> None:
    others = []
    for name in FILES:
        if Path(name).name != "conftest.py":
            continue
        for each in functions(name):
            is_fixture = "pytest.fixture" in decorator_names(each)
            if not is_fixture and not each.name.startswith("pytest_"):
                others.append(f"{name}: {each.name}")
    assert others == []


def test_a_helper_has_no_tests_and_no_fixtures() -> None:
    wrong = []
    for name in FILES:
        if Path(name).parts[0] != "helpers":
            continue
        for node in ast.walk(syntax_tree(name)):
            if not isinstance(node, ast.FunctionDef):
                continue
            if node.name.startswith("test_") or "pytest.fixture" in decorator_names(node):
                wrong.append(f"{name}: {node.name}")
    assert wrong == []
