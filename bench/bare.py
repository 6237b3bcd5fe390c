"""A Flask view that returns constant bytes; `throughput.py` compares the mock server with it."""

import os
from pathlib import Path

import flask

app = flask.Flask(__name__)
BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
STATUS = int(os.environ["BENCH_STATUS"])


@app.get("/api")
def constant() -> flask.Response:
    """Return the constant bytes."""
    return flask.Response(BODY, status=STATUS, mimetype="application/json")
