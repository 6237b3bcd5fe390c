"""Where the microseconds of one request go: each step of the pipeline by itself, in this process, as a table.

    python bench/phases.py [--store URL]

R is one export, asked for again and again, so the answer is one that was kept; the last rows show what making one costs.
What the server itself takes is the rest of a second that `bench/throughput.py` divides.
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
    return {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "wsgi.input": io.BytesIO(), **headers}


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
    match = server.router.match("GET", request.path)
    world, exchange, response = server.sandboxes.snapshot("default"), Exchange(request), server.handle(request)
    arguments, _, _ = check_request(match, request, server.token_features, server.parse_arguments)
    listed = server.router.match("GET", PATH)
    all_of_it, _, _ = check_request(listed, parse_request(environ(PATH), 1024), server.token_features, server.parse_arguments)

    retrieval = (DEFAULT_PLAN, arguments, None, "refuse")
    listing = (DEFAULT_PLAN, all_of_it, None, "refuse")

    def started(*_: object) -> None: ...

    def noted() -> None:
        server.store.append("default", exchange.to_journal_entry(response).to_json)

    def counted() -> None:
        server.metrics.count(entry)

    entry = exchange.to_journal_entry(response)
    rows: list[tuple[str, Callable[[], object]]] = [
        ("environ to request", lambda: parse_request(env, 1024)),
        ("which sandbox", lambda: select_sandbox(request, server.tokens, server.sandboxes)),
        ("which operation", lambda: server.router.match("GET", request.path)),
        (
            "hold the request against the contract",
            lambda: check_request(match, request, server.token_features, server.parse_arguments),
        ),
        ("open the sandbox in the store", lambda: server.sandboxes.snapshot("default")),
        ("preferences and scenarios", lambda: plan_response(request, match, world, 30)),
        ("note the exchange for the journal", noted),
        ("count the exchange", counted),
        ("headers, and to the server", lambda: start_wsgi_response(response.with_headers(cors.headers(None)), "GET", started)),
        ("ALL OF IT, as WSGI", lambda: app.wsgi_app(dict(env), started)),
        (
            "make and validate a new answer: R",
            lambda: build_response(world, match.served, *retrieval),
        ),
        (
            "make and validate a new answer: L",
            lambda: build_response(world, listed.served, *listing),
        ),
        ("encode an exchange for who reads it", exchange.to_journal_entry(response).to_json),
    ]
    print(f"store {args.store}; microseconds, the median of {ROUNDS} rounds of {CALLS}")
    for name, work in rows:
        print(f"{microseconds(work):8.2f}  {name}")
    server.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
