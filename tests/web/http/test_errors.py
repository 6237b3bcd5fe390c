"""A bug of the server ends one request. The connection continues."""

import json

import pytest
from helpers.http_front import running_front
from helpers.shipped_api import TRASH

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.web.http.message import Target
from mockserver.web.http.quick_path import QuickPath

REQUEST = f"GET {TRASH} HTTP/1.1\r\nHost: localhost\r\nX-Access-Token: t\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (QuickPath, "meaning_of"),
        (QuickPath, "repeat_meaning"),
        (QuickPath, "keep"),
        (Target, "__init__"),
    ],
)
def test_an_error_within_a_request_is_a_problem(
    contract: Contract, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(owner, name, fail)
    with running_front(Settings(store="memory:"), contract) as front:
        received = front.send(REQUEST)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.split()[1] == b"500"
    assert json.loads(body)["type"] == "urn:mockserver:problem:internal-error"
