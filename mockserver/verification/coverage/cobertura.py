"""The lines of the contract's files as Cobertura XML (coverage-04.dtd), for example for GitLab."""

from collections.abc import Sequence
from itertools import chain
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from mockserver import __version__
from mockserver.verification.coverage.lines import Line, Totals, lines_by_file, totals
from mockserver.verification.coverage.model import Coverage
from mockserver.verification.coverage.xml_text import document, element

_DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">\n'


def cobertura(coverage: Coverage, created: float) -> str:
    """Return the report: a package a folder, a class a file."""
    files = lines_by_file(coverage)
    folders: dict[str, list[str]] = {}
    for name in files:
        folders.setdefault(str(PurePosixPath(name).parent), []).append(name)
    total = totals(list(chain.from_iterable(files.values())))
    root = element(
        None,
        "coverage",
        **_rates(total),
        lines_covered=total.lines_hit,
        lines_valid=total.lines,
        branches_covered=total.branches_hit,
        branches_valid=total.branches,
        version=f"mockserver {__version__}",
        timestamp=int(created * 1000),
    )
    # Class names are paths relative to the repository, so there is nothing to prepend.
    element(element(root, "sources"), "source").text = "."
    packages = element(root, "packages")
    for folder, names in folders.items():
        _add_package(packages, folder, {name: files[name] for name in names})
    return document(root, _DOCTYPE)


def _add_package(packages: Element, folder: str, files: dict[str, list[Line]]) -> None:
    total = totals(list(chain.from_iterable(files.values())))
    package = element(packages, "package", name=folder, **_rates(total))
    classes = element(package, "classes")
    for name, lines_of_file in files.items():
        rates = _rates(totals(lines_of_file))
        class_name = PurePosixPath(name).name
        file_class = element(classes, "class", name=class_name, filename=name, **rates)
        element(file_class, "methods")
        _add_lines(element(file_class, "lines"), lines_of_file)


def _add_lines(parent: Element, lines: Sequence[Line]) -> None:
    for line in lines:
        row = element(parent, "line", number=line.number, hits=line.hits)
        if line.branches:
            hit, count = line.branches_hit, len(line.branches)
            row.set("branch", "true")
            row.set("condition-coverage", f"{hit * 100 // count}% ({hit}/{count})")


def _rates(total: Totals) -> dict[str, str]:
    return {
        "line_rate": _rate(total.lines_hit, total.lines),
        "branch_rate": _rate(total.branches_hit, total.branches),
        "complexity": "0",
    }


def _rate(hit: int, count: int) -> str:
    if not count:
        return "1"
    return f"{hit / count:.4f}"
