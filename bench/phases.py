"""The duration of each step of one request, measured in this process.

    python bench/phases.py [--store URL]

R is one export. It is requested repeatedly, so its response comes from the cache. The last rows
measure new responses.
`bench/throughput.py` measures complete requests, including the HTTP server.
"""

import argparse
import io
import statistics
import sys
import timeit
from collections.abc import Callable

from mockserver.config.settings import Settings
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.responder import build_response
from mockserver.pipeline.response_plan import DEFAULT_PLAN, plan_response
from mockserver.pipeline.sandbox_selection import select_sandbox
from mockserver.pipeline.validation import check_request
from mockserver.web.app import create_app
from mockserver.web.cors import Cors
from mockserver.web.wsgi import parse_request, start_wsgi_response

PATH = "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports"
ROUNDS, CALLS = 9, 2000


def environ(path: str) -> dict[str, object]:
    headers = {"HTTP_HOST": "127.0.0.1", "HTTP_X_ACCESS_TOKEN": "bench"}
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "wsgi.input": io.BytesIO(),
        **headers,
    }


def microseconds(work: Callable[[], object]) -> float:
    return statistics.median(timeit.repeat(work, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", default="sqlite:")
    args = parser.parse_args()
    app = create_app(Settings(store=args.store))
    server, cors = app.extensions["mockserver"], Cors(())
    env = environ(f"{PATH}/100")
    request = parse_request(env, 1024)
    contract = server.contracts.main
    match = contract.router.match("GET", request.path)
    snapshot = server.sandboxes.snapshot("default")
    exchange, response = Exchange(request), server.respond(request)
    arguments, _, _ = check_request(
        match, request, contract.token_features, contract.parse_arguments
    )
    list_match = contract.router.match("GET", PATH)
    list_request = parse_request(environ(PATH), 1024)
    list_arguments, _, _ = check_request(
        list_match,
        list_request,
        contract.token_features,
        contract.parse_arguments,
    )

    retrieval = (DEFAULT_PLAN, arguments, None, "refuse")
    listing = (DEFAULT_PLAN, list_arguments, None, "refuse")

    def start_response(*_: object) -> None: ...

    def append_to_journal() -> None:
        server.store.append("default", exchange.to_journal_entry(response).to_json)

    def count_exchange() -> None:
        server.metrics.count(entry)

    entry = exchange.to_journal_entry(response)
    rows: list[tuple[str, Callable[[], object]]] = [
        ("parse the environ", lambda: parse_request(env, 1024)),
        (
            "select the sandbox",
            lambda: select_sandbox(request, server.contracts.tokens, server.sandboxes),
        ),
        ("find the operation", lambda: contract.router.match("GET", request.path)),
        (
            "validate the request",
            lambda: check_request(
                match,
                request,
                contract.token_features,
                contract.parse_arguments,
            ),
        ),
        ("read the sandbox from the store", lambda: server.sandboxes.snapshot("default")),
        ("apply preferences and scenarios", lambda: plan_response(request, match, snapshot, 30)),
        ("append the exchange to the journal", append_to_journal),
        ("count the exchange", count_exchange),
        (
            "add headers and start the response",
            lambda: start_wsgi_response(
                response.with_headers(cors.headers(None)), "GET", start_response
            ),
        ),
        ("TOTAL, as a WSGI call", lambda: app.wsgi_app(dict(env), start_response)),
        (
            "build and validate a new response: R",
            lambda: build_response(snapshot, match.served, *retrieval),
        ),
        (
            "build and validate a new response: L",
            lambda: build_response(snapshot, list_match.served, *listing),
        ),
        ("encode an exchange as JSON", exchange.to_journal_entry(response).to_json),
    ]
    print(f"store {args.store}; microseconds, the median of {ROUNDS} rounds of {CALLS}")
    for name, work in rows:
        print(f"{microseconds(work):8.2f}  {name}")
    server.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
