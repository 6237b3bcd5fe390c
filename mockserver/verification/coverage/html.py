"""The coverage as one HTML file without external resources."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from mockserver.verification.coverage import matrix
from mockserver.verification.coverage.model import Coverage
from mockserver.verification.coverage.reasons import way_to_reach

_ENVIRONMENT = Environment(
    loader=PackageLoader("mockserver.verification.coverage", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["way"] = way_to_reach
_ENVIRONMENT.filters["counted"] = matrix.counted


def html(coverage: Coverage, _created: float) -> str:
    """Return the page: denominators, a matrix of the operations, the gaps, and each test."""
    rows = matrix.operation_rows(coverage)
    return _ENVIRONMENT.get_template("report.html").render(
        coverage=coverage,
        denominators=matrix.denominators(coverage),
        columns=list(matrix.COLUMNS.values()),
        rows=rows,
        excluded=matrix.excluded_items(coverage),
        tests=matrix.rows_of_tests(coverage),
    )
