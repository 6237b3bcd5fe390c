"""The bare Flask view that the mock server is measured against: constant bytes, nothing else."""

import os
from pathlib import Path

import flask

app = flask.Flask(__name__)
BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
STATUS = int(os.environ["BENCH_STATUS"])


@app.get("/api")
def constant() -> flask.Response:
    """The same bytes, each time."""
    return flask.Response(BODY, status=STATUS, mimetype="application/json")
