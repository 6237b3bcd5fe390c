"""The formats of a coverage report for programs and pages."""

from collections.abc import Callable

from mockserver.verification.coverage.cobertura import cobertura
from mockserver.verification.coverage.ctrf import ctrf
from mockserver.verification.coverage.document import json_text
from mockserver.verification.coverage.html import html
from mockserver.verification.coverage.junit import junit
from mockserver.verification.coverage.lcov import lcov
from mockserver.verification.coverage.markdown import markdown
from mockserver.verification.coverage.model import Coverage

DOCUMENTS: dict[str, Callable[[Coverage, float], str]] = {
    "json": json_text,
    "junit": junit,
    "ctrf": ctrf,
    "markdown": markdown,
    "html": html,
    "lcov": lcov,
    "cobertura": cobertura,
}
"""Name of a format to its function. The number is the time of the report, in seconds since 1970."""
