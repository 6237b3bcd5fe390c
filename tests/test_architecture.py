"""The floors of the house: no import goes up, none goes round, none hides in a function."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mockserver"
FLOORS = [
    {"errors", "description", "locations", "message", "shipped"},
    {
        "uri_template",
        "path_alignment",
        "config",
        "strict_yaml",
        "json_schema",
        "documented_headers",
        "header_text",
        "wording",
        "clock",
        "naming",
        "addresses",
        "exact_json",
        "content_coding",
        "control_client",
        "faults",
        "shapes",
        "waiting",
        "line_breaks",
        "lines",
        "other_formats",
        "own_log",
        "extras",
        "files",
    },
    {
        "blueprint",
        "schemas",
        "lifecycles",
        "recipes",
        "fixtures",
        "effects",
        "negotiation",
        "parameters",
        "envelope",
        "inferring",
        "scenarios",
        "causes",
        "stores",
        "journal",
        "rights",
        "columns",
        "counts",
        "exchange_log",
        "metrics",
        "spans",
        "traces",
    },
    {
        "recipe_faults",
        "records",
        "contract",
        "loading",
        "switching",
        "record_timeline",
        "sandbox",
        "bindings",
        "router",
        "validation",
        "preferences",
        "near_misses",
        "openapi",
        "openapi_merge",
        "openapi_parts",
        "preview",
    },
    {"transitions", "responder", "exchange", "by_hand", "written"},
    {"pipeline"},
    {"proof"},
    {"web", "founding"},
    {"cli", "testing", "pytest_plugin", "__main__"},
]
"""From the ground up. A module may import from its own floor, as long as that makes no circle."""
LAZY = {"pytest_plugin"}
"""Imported at every pytest start, needed or not: it imports in its functions, and says so."""
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(["mockserver", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> list[tuple[str, bool]]:
    """The package's own modules that a file imports, and whether the import hides in a function."""
    tree, found = ast.parse(path.read_text()), []
    hidden = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mockserver":
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            known = {name_of(each) for each in FILES}
            found += [(name if name in known else str(node.module), id(node) in hidden) for name in names]
        elif isinstance(node, ast.Import | ast.ImportFrom) and id(node) in hidden:
            found.append(("", True))
    return found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_import_goes_up_or_hides(path: Path) -> None:
    room = room_of(name_of(path))
    if not room:
        return
    for module, hidden in imports(path):
        assert not hidden or room in LAZY, f"{path.name} imports in a function"
        if room_of(module):
            assert LEVEL[room_of(module)] <= LEVEL[room], f"{room} imports {module}"


def test_every_room_has_a_floor() -> None:
    assert {room_of(name_of(path)) for path in FILES} - {""} == set(LEVEL)


def test_there_is_no_circle() -> None:
    graph = {name_of(path): {module for module, _ in imports(path) if module != name_of(path)} for path in FILES}
    assert list(TopologicalSorter(graph).static_order())


def packages_of(path: Path) -> set[str]:
    """The packages that a file imports from, by their first name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).partition(".")[0])
    return names


def test_flask_and_gunicorn_stay_in_the_web_room() -> None:
    rooms = {room_of(name_of(path)) for path in FILES if packages_of(path) & {"flask", "gunicorn"}}
    assert rooms == {"web"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name
