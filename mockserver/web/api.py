"""The API over HTTP without a web framework: CORS, OPTIONS, and the paths of the API."""

import re
from collections.abc import Container, Iterator

from mockserver.errors import Problem
from mockserver.formats.uri_template import is_below
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.pipeline.problem_responses import problem_response
from mockserver.pipeline.served_contracts import ServedContracts
from mockserver.telemetry.metrics import NO_OPERATION
from mockserver.web.cors import Cors, with_one_vary

_BROWSER_PATHS = re.compile(
    r"/(favicon\.ico|robots\.txt|apple-touch-icon[^/]*|\.well-known(/.*)?)", re.DOTALL
)
"""Paths that browsers request by themselves. The journal has only mistakes of pages."""


class Api:
    """The API of a server. Every HTTP server of this package uses it."""

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self._cors = server.contracts, self._cors_of(server.contracts)

    @property
    def cors(self) -> Cors:
        """The CORS policy. A reload changes it, because pages may read the documented headers."""
        contracts, cors = self._cors
        if contracts is not self.server.contracts:
            contracts = self.server.contracts
            cors = self._cors_of(contracts)
            self._cors = contracts, cors
        return cors

    def respond(self, request: Request) -> Response:
        """Return the response to one request, after its delay."""
        result = self.begin(Exchange(request))
        if isinstance(result, DelayedResponse):
            return self.with_cors(result.wait(), request.headers.get("origin"))
        return result

    def begin(self, exchange: Exchange) -> Response | DelayedResponse:
        """Return the response to one request, or a `DelayedResponse` if it has a delay.

        The journal has no preflight, and no undocumented OPTIONS of a known path.
        """
        request = exchange.request
        origin = request.headers.get("origin")
        result: Response | DelayedResponse
        if request.method != "OPTIONS":
            result = self.server.handle(exchange)
        elif origin and "access-control-request-method" in request.headers:
            # A preflight has no token or header that names a sandbox.
            methods = self.server.contracts.methods(request.path, request.segments)
            return self.cors.preflight(origin, request.headers, methods)
        else:
            result = self._options(exchange)
        if isinstance(result, DelayedResponse):
            return result
        return self.with_cors(result, origin)

    def reject(self, problem: Problem, origin: str | None) -> Response:
        """Return the response to an unreadable request. Metrics count it; the journal omits it."""
        self.server.metrics.count_response(NO_OPERATION, problem.status, 0.0)
        return self.with_cors(problem_response(problem), origin)

    def with_cors(self, response: Response, origin: str | None) -> Response:
        """Return the response with the CORS headers for an origin."""
        response = response.with_headers(self.cors.headers(origin))
        if self.server.contracts.varies:
            return with_one_vary(response)
        return response

    def owns(self, method: str, path: str, accept: str, server_segments: Container[str]) -> bool:
        """Return whether the API responds to a request.

        The API also responds to a path that nothing serves, which is a client's mistake. The
        journal then contains the mistake, and a page of another origin can read the problem.

        Args:
            method: of the request.
            path: without the sandbox of a base URL.
            accept: the header `Accept`; empty if it is missing.
            server_segments: the first path segments of the server's other paths.
        """
        contracts = self.server.contracts
        for base_path in contracts.base_paths:
            if base_path and is_below(path, base_path):
                return True
        if not path.startswith("/"):
            return False  # OPTIONS *
        if path == "/":
            if "" not in contracts.base_paths:
                return False
            return not wants_page(method, accept) or bool(contracts.methods(path))
        if path[1:].partition("/")[0] in server_segments:
            return False
        return _BROWSER_PATHS.fullmatch(path) is None or bool(contracts.methods(path))

    def _cors_of(self, contracts: ServedContracts) -> Cors:
        return Cors(self.server.settings.cors_origins, _documented_headers(contracts))

    def _options(self, exchange: Exchange) -> Response | DelayedResponse:
        """Return the documented response, or the methods of the path (RFC 9110, section 9.3.7)."""
        request = exchange.request
        try:
            router = self.server.contract_of_request(request).router
        except Problem:
            return self.server.handle(exchange)
        if router.documents("OPTIONS", request.path, request.segments):
            return self.server.handle(exchange)
        methods = router.methods(request.path, request.segments)
        if not methods:
            return self.server.handle(exchange)
        return Response(204, (("Allow", ", ".join(methods)),))


def wants_page(method: str, accept: str) -> bool:
    """Return whether a browser requests a page."""
    return method in ("GET", "HEAD") and "text/html" in accept


def _documented_headers(contracts: ServedContracts) -> Iterator[str]:
    """Yield the names of the documented response headers."""
    for served in contracts.operations():
        for transaction in served.operation.transactions:
            for name, _ in transaction.response.headers:
                yield name
