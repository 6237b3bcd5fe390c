"""The coverage as Markdown, for example for the job summary of GitHub Actions."""

import re
from collections.abc import Iterable, Iterator, Sequence

from mockserver.verification.coverage.matrix import (
    COLUMNS,
    OperationRow,
    denominators,
    excluded_items,
    operation_rows,
)
from mockserver.verification.coverage.model import Coverage, ReportItem
from mockserver.verification.coverage.reasons import way_to_reach

_MAX_GAPS = 2000
"""GitHub rejects a job summary of more than 1 MiB."""
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>()|~&$@#!:]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


def markdown(coverage: Coverage, _created: float) -> str:
    """Return the denominators, a matrix of the operations, the gaps and the exclusions."""
    title = "## Contract coverage"
    if coverage.contract:
        title += f": {escape(coverage.contract)}"
    rows = operation_rows(coverage)
    lines = [title, "", *_denominator_table(coverage), "", *_matrix(rows), ""]
    lines += _gaps(rows)
    lines += _exclusions(coverage)
    return "\n".join(lines).rstrip() + "\n"


def escape(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(_reference, _SPACE.sub(" ", text))


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def _table(
    titles: Sequence[str], alignments: Sequence[str], rows: Iterable[Sequence[str]]
) -> list[str]:
    lines = [_cells(titles), _cells(alignments)]
    lines += map(_cells, rows)
    return lines


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _denominator_table(coverage: Coverage) -> list[str]:
    rows = []
    for title, count in denominators(coverage):
        rows.append((title, str(count.served), str(count.items), count.percent))
    return _table(["of", "served", "items", "share"], ["---", "--:", "--:", "--:"], rows)


def _matrix(rows: Sequence[OperationRow]) -> list[str]:
    cells = []
    for row in rows:
        if row.operation:
            called = "yes" if row.called else "no"
            cells.append([escape(row.label), called, *map(str, row.counts)])
    titles = ["operation", "called", *COLUMNS.values()]
    return _table(titles, ["---"] * len(titles), cells)


def _gaps(rows: Sequence[OperationRow]) -> Iterator[str]:
    gaps: list[ReportItem] = []
    for row in rows:
        gaps += row.gaps
    if not gaps:
        return
    cells = [(escape(gap.id), escape(gap.label), escape(way_to_reach(gap))) for gap in gaps]
    yield f"<details><summary>Not served ({len(gaps)})</summary>"
    yield ""
    yield from _table(["item", "what", "how to reach it"], ["---"] * 3, cells[:_MAX_GAPS])
    if len(gaps) > _MAX_GAPS:
        yield ""
        yield f"{len(gaps) - _MAX_GAPS} more items are in the other formats."
    yield ""
    yield "</details>"
    yield ""


def _exclusions(coverage: Coverage) -> Iterator[str]:
    items = excluded_items(coverage)
    if not items:
        return
    cells = [(escape(item.id), escape(item.excluded or "")) for item in items]
    yield f"<details><summary>Excluded ({len(items)})</summary>"
    yield ""
    yield from _table(["item", "reason"], ["---"] * 2, cells)
    yield ""
    yield "</details>"
