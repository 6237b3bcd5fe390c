"""The lines of the contract's files as an LCOV tracefile (geninfo(1)), for example for Codecov."""

from collections.abc import Iterator, Sequence

from mockserver.verification.coverage.lines import Line, lines_by_file, totals
from mockserver.verification.coverage.model import Coverage


def lcov(coverage: Coverage, _created: float) -> str:
    """Return the tracefile, with a record a file."""
    records: list[str] = []
    for name, lines in lines_by_file(coverage).items():
        records += _record(name, lines)
    return "".join(f"{record}\n" for record in records)


def _record(name: str, lines: Sequence[Line]) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{' '.join(name.splitlines())}"
    for line in lines:
        for index, hits in enumerate(line.branches):
            # A hyphen is a branch of a line that was never reached.
            yield f"BRDA:{line.number},0,{index},{hits if line.hits else '-'}"
    total = totals(lines)
    yield f"BRF:{total.branches}"
    yield f"BRH:{total.branches_hit}"
    for line in lines:
        yield f"DA:{line.number},{line.hits}"
    yield f"LF:{total.lines}"
    yield f"LH:{total.lines_hit}"
    yield "end_of_record"
