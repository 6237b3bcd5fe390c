"""Compressed request bodies: gzip is decoded up to the limit, other codings are rejected."""

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import generate_folders

from mockserver.errors import BodyTooLarge, MalformedRequest, UnsupportedContentCoding
from mockserver.formats.content_coding import decode
from mockserver.web.app import create_app

BODY = b'{"name": "A", "age": 5}'
LIMIT = 10_000
MAX_MEMORY = 2_000_000
"""Bytes: the compressed body and the limit fit in, the decompressed body does not."""


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", " gzip "])
@pytest.mark.parametrize(
    "data", [b"", b"a", BODY, b"x" * LIMIT], ids=["empty", "short", "json", "limit"]
)
def test_gzip_is_decoded(coding: str, data: bytes) -> None:
    assert decode(gzip.compress(data), coding, LIMIT) == data


def test_gzip_with_several_members_is_decoded() -> None:
    assert (
        decode(gzip.compress(b"ab") + gzip.compress(b"") + gzip.compress(b"c"), "gzip", LIMIT)
        == b"abc"
    )


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_a_body_without_a_coding_is_unchanged(coding: str) -> None:
    assert decode(BODY, coding, LIMIT) == BODY


@pytest.mark.parametrize(
    "coding", ["br", "deflate", "zstd", "compress", "gzip, gzip", "gzip,br", "nonsense"]
)
def test_another_coding_is_rejected(coding: str) -> None:
    with pytest.raises(UnsupportedContentCoding) as caught:
        decode(gzip.compress(BODY), coding, LIMIT)
    assert caught.value.headers == (("Accept-Encoding", "gzip"),)


COMPRESSED = gzip.compress(BODY)
INVALID = [
    BODY,
    b"",
    COMPRESSED[:-1],
    COMPRESSED[:10],
    COMPRESSED[:5],
    COMPRESSED + b"x",
    COMPRESSED[:-8] + b"00000000",
    zlib.compress(BODY),
    COMPRESSED * 65,
]


@pytest.mark.parametrize("data", INVALID, ids=map(str, range(len(INVALID))))
def test_invalid_gzip_is_rejected(data: bytes) -> None:
    with pytest.raises(MalformedRequest):
        decode(data, "gzip", LIMIT)


def test_a_large_body_is_rejected_without_being_decompressed() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    tracemalloc.start()
    for data in (
        bomb,
        gzip.compress(b"x" * (LIMIT + 1)),
        gzip.compress(b"x" * LIMIT) + gzip.compress(b"y"),
    ):
        with pytest.raises(BodyTooLarge):
            decode(data, "gzip", LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MAX_MEMORY


@pytest.fixture(scope="module", params=["fast path", "views"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = generate_folders(tmp_path_factory.mktemp("api"), "forms")
    return create_app(settings, fast_path=request.param == "fast path").test_client()


API = ("POST", "/v1/typed")
ADMIN = ("PUT", "/__admin/scenarios/log-in-200")
REQUESTS = [
    (API, "gzip", gzip.compress(BODY), 200, None),
    (API, "identity", BODY, 200, None),
    (API, "gzip", gzip.compress(b'{"age": 5}'), 400, "request-breaks-contract"),
    (API, "gzip", BODY, 400, "malformed-request"),
    (API, "gzip", COMPRESSED[:-4], 400, "malformed-request"),
    (API, "br", BODY, 415, "unsupported-content-coding"),
    (API, "gzip", gzip.compress(b" " * 20_000_000), 413, "body-too-large"),
    (ADMIN, "gzip", gzip.compress(b'{"times": 2}'), 200, None),
    (ADMIN, "identity", b"{}", 200, None),
    (ADMIN, "gzip", b"{}", 400, "malformed-request"),
    (ADMIN, "deflate", zlib.compress(b"{}"), 415, "unsupported-content-coding"),
    (ADMIN, "gzip", gzip.compress(b" " * 40_000_000), 413, "body-too-large"),
]


@pytest.mark.parametrize(
    ("call", "coding", "body", "status", "slug"), REQUESTS, ids=map(str, range(len(REQUESTS)))
)
def test_the_api_and_the_admin_api_accept_gzip(
    client: FlaskClient,
    call: tuple[str, str],
    coding: str,
    body: bytes,
    status: int,
    slug: str | None,
) -> None:
    method, path = call
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    response = client.open(path, method=method, data=body, headers=headers)
    assert response.status_code == status, response.data
    if slug:
        problem: Any = json.loads(response.data)
        assert problem["type"] == f"urn:mockserver:problem:{slug}"
    assert (response.headers.get("Accept-Encoding") == "gzip") == (status == 415)
