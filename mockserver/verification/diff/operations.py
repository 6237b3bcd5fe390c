"""Compare two matched operations."""

from collections.abc import Iterator

from mockserver.verification.diff.findings import Finding
from mockserver.verification.diff.matching import OperationPair
from mockserver.verification.diff.parameters import (
    feature_findings,
    header_findings,
    parameter_findings,
)
from mockserver.verification.diff.requests import request_findings
from mockserver.verification.diff.responses import response_findings

_TEXTS = ("description", "resource", "resource_description", "group", "relation")
"""The texts of an operation that no request and no response contains."""


def operation_findings(pair: OperationPair) -> Iterator[Finding]:
    """Yield all changes of an operation."""
    old, new = pair.old, pair.new
    if pair.is_moved:
        yield Finding("OP-MOVED", "", old.uri_template, new.uri_template)
    elif old.id != new.id:
        yield Finding("OP-RENAMED", "", old.id, new.id)
    yield from feature_findings(pair)
    yield from header_findings(pair)
    yield from parameter_findings(pair)
    yield from request_findings(pair)
    yield from response_findings(pair)
    yield from _text_findings(pair)


def _text_findings(pair: OperationPair) -> Iterator[Finding]:
    for name in _TEXTS:
        old, new = getattr(pair.old, name), getattr(pair.new, name)
        if old != new:
            yield Finding("TEXT-CHANGED", name.replace("_", " "), old, new)
