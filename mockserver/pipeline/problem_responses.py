"""The responses for problems of the mock server (RFC 9457)."""

import orjson

from mockserver.errors import InternalError, Problem
from mockserver.pipeline.messages import Response


def problem_response(problem: Problem) -> Response:
    """Return the response for a problem."""
    headers = (("Content-Type", "application/problem+json"), *problem.headers)
    return Response(problem.status, headers, orjson.dumps(problem.as_json()))


def internal_error_response() -> Response:
    """Return the response for a bug of the mock server. The caller logs it."""
    return problem_response(
        InternalError("see the log of the mock server for details; please report this")
    )
