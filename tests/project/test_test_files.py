"""The layout of the tests: helpers in tests/helpers, fixtures in conftest.py, short files."""

import ast
from pathlib import Path

import pytest
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


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_short_and_imports_no_test_file(name: str) -> None:
    text = FILES[name].read_text()
    assert len(text.splitlines()) <= MAX_LINES
    modules = imported_modules(ast.parse(text))
    assert not {
        module for module in modules if module.rpartition(".")[2].startswith(("test_", "conftest"))
    }


@pytest.mark.parametrize("name", [name for name in FILES if Path(name).name == "conftest.py"])
def test_a_conftest_has_fixtures_and_hooks_only(name: str) -> None:
    functions = [
        node
        for node in ast.parse(FILES[name].read_text()).body
        if isinstance(node, ast.FunctionDef)
    ]
    others = [each.name for each in functions if "pytest.fixture" not in decorator_names(each)]
    assert [each for each in others if not each.startswith("pytest_")] == []


@pytest.mark.parametrize("name", [name for name in FILES if Path(name).parts[0] == "helpers"])
def test_a_helper_has_no_tests_and_no_fixtures(name: str) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(FILES[name].read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [
        each.name
        for each in functions
        if each.name.startswith("test_") or "pytest.fixture" in decorator_names(each)
    ] == []
