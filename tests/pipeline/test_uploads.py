"""Uploads that a store has from before."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from helpers.shipped_api import shipped_contract
from helpers.uploads import READER, counter_blueprint

from mockserver.config.settings import Settings
from mockserver.contract.api_files import ApiFiles
from mockserver.contract.model import Contract
from mockserver.errors import InvalidFiles
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.mock_server import MockServer

NAMES = ["a", "b", "c"]


@pytest.fixture
def server() -> Iterator[MockServer]:
    server = make_server(Settings(store="memory:"), shipped_contract())
    server.uploads.accept(READER)
    server.open()
    for name in NAMES:
        server.uploads.put("", ApiFiles(name, counter_blueprint(1, name)))
    yield server
    server.close()


def names(server: MockServer) -> list[str]:
    return [api.id for api in server.contracts.main.contract.apis]


def test_uploads_that_are_loaded_already_are_not_served_again(server: MockServer) -> None:
    contracts = server.contracts
    server.uploads.open(server.store.uploads, shared=False)
    assert server.contracts is contracts


def test_an_upload_that_is_not_servable_does_not_prevent_others(
    server: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    def load(files: ApiFiles) -> Contract:
        if files.name == "b":
            raise InvalidFiles([])
        return READER.load(files)

    later: Any = make_server(server.settings, shipped_contract())
    later.uploads.accept(replace(READER, load=load))
    later.uploads.open(server.store.uploads, shared=False)
    assert names(server)[1:] == NAMES
    assert names(later)[1:] == ["a", "c"]
    assert "the uploaded API b is not served" in caplog.text


def test_a_damaged_upload_does_not_prevent_others(
    server: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.store.uploads.change("/broken", b"x")
    server.uploads.open(server.store.uploads, shared=False)
    assert names(server)[1:] == NAMES
    assert "the uploaded API broken is not served" in caplog.text
