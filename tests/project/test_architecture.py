"""The levels of ARCHITECTURE.md: imports go down, have no cycle, and are at the top of a module."""

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "mockserver"
LEVELS = {
    "errors": 0,
    "config": 1,
    "formats": 1,
    "spec": 2,
    "contract": 3,
    "sandbox": 4,
    "telemetry": 5,
    "pipeline": 6,
    "generation": 7,
    "verification": 7,
    "web": 7,
    "cli": 8,
    "__main__": 9,
}
"""Each package may import packages of a lower level, and nothing else of ours."""
LATE_IMPORTS = {
    ("mockserver.cli.blueprints.sources", "mockserver.cli.blueprints.scaffolding"),
    ("mockserver.config.extras", "importlib.metadata"),
    ("mockserver.config.similar_names", "difflib"),
    ("mockserver.contract.api_loader", "mockserver.contract.coverage.exclusions"),
    ("mockserver.spec.schemas.files", "difflib"),
    ("mockserver.web.application", "mockserver.web.app"),
    ("mockserver.web.http.event_loop", "uvloop"),
}
"""A module, and the import of one of its functions.

Most starts of the server do not need it (see `test_cold_start.py`).
"""
MAX_CHAIN = 22
MAX_ENTRIES = 14
FILES = sorted(PACKAGE.rglob("*.py"))
DOTTED = re.compile(r"(mockserver(?:\.\w+)+)(?::\w+)?")


def module_name(path: Path) -> str:
    dotted = ".".join(["mockserver", *path.relative_to(PACKAGE).with_suffix("").parts])
    return dotted.removesuffix(".__init__")


MODULES = {module_name(path): path for path in FILES}


@cache
def syntax_tree(module: str) -> ast.Module:
    """Return the parsed text of a module, which the tests do not change."""
    return ast.parse(MODULES[module].read_text())


def package_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a module."""
    return tuple(ast.walk(syntax_tree(module)))


@cache
def nodes_in_functions(module: str) -> set[int]:
    """Return the ids of the nodes within the functions of a module."""
    functions = [n for n in nodes(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {id(node) for function in functions for node in ast.walk(function)}


def import_targets(node: ast.AST) -> set[str]:
    """Return our modules that one import statement names."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names if alias.name in MODULES}
    if not isinstance(node, ast.ImportFrom) or node.module not in MODULES:
        return set()
    names = {f"{node.module}.{alias.name}" for alias in node.names}
    submodules = names & MODULES.keys()
    return submodules if submodules == names else submodules | {str(node.module)}


@cache
def imports(module: str) -> frozenset[str]:
    """Return our modules that a module imports at its top."""
    hidden = nodes_in_functions(module)
    targets: set[str] = set()
    for node in nodes(module):
        if id(node) not in hidden:
            targets |= import_targets(node)
    return frozenset(targets - {module})


@cache
def imports_by_name(module: str) -> frozenset[str]:
    """Return our modules in the strings of a module (`import_module`, tables of `module:name`)."""
    strings = [
        n.value for n in nodes(module) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    matches = map(DOTTED.fullmatch, strings)
    names = {match[1] for match in matches if match}
    return frozenset((names & MODULES.keys()) - {module})


def external_imports(module: str) -> set[str]:
    """Return the top-level names of all packages that a module imports, in functions too."""
    names: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    return names


def late_imports(module: str) -> set[str]:
    """Return the names of the modules that functions import."""
    hidden = nodes_in_functions(module)
    names: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Import) and id(node) in hidden:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and id(node) in hidden:
            names.add(str(node.module))
    return names


def test_imports_go_down() -> None:
    wrong = []
    for module in MODULES:
        package = package_of(module)
        for target in imports(module) | imports_by_name(module):
            other = package_of(target)
            if package and other not in ("", package) and LEVELS[other] >= LEVELS[package]:
                wrong.append(f"{module} imports {target}")
    assert wrong == []


def test_every_package_has_a_level() -> None:
    assert {package_of(module) for module in MODULES} - {""} == LEVELS.keys()


def test_there_is_no_import_cycle() -> None:
    graph = {module: imports(module) | imports_by_name(module) for module in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_modules_import_at_their_top() -> None:
    late = set()
    for module in MODULES:
        late.update((module, target) for target in late_imports(module))
    assert late == LATE_IMPORTS


def test_the_longest_chain_of_imports_is_short() -> None:
    @cache
    def chain(module: str) -> tuple[str, ...]:
        longest = max(map(chain, imports(module)), key=len, default=())
        return (module, *longest)

    longest = max(map(chain, MODULES), key=len)
    assert len(longest) <= MAX_CHAIN, " -> ".join(longest)


def test_the_top_level_has_few_entries() -> None:
    modules = [path for path in PACKAGE.glob("*.py") if not path.name.startswith("_")]
    packages = [path for path in PACKAGE.iterdir() if (path / "__init__.py").exists()]
    assert len(modules) + len(packages) <= MAX_ENTRIES


def test_flask_and_the_http_server_stay_in_web() -> None:
    for module in MODULES:
        if package_of(module) == "web":
            continue
        names = external_imports(module)
        assert not {"flask", "gunicorn", "httptools", "uvloop"} & names, module


def test_files_and_functions_stay_small() -> None:
    large = []
    for module, path in MODULES.items():
        if len(path.read_text().splitlines()) > 400:
            large.append(module)
        for node in nodes(module):
            if not isinstance(node, ast.FunctionDef):
                continue
            if (node.end_lineno or 0) - node.lineno >= 60:
                large.append(f"{module}.{node.name}")
    assert large == []
