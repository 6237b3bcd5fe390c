"""Fixtures of the tests of the WSGI application."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from mockserver.config.settings import Settings
from mockserver.web.app import create_app


@pytest.fixture(params=[True, False], ids=["fast path", "views"])
def make_client(request: pytest.FixtureRequest) -> Any:
    """Return a function that returns a client of an application with these settings."""

    def make(*, cookies: bool = False, **settings: Any) -> FlaskClient:
        app = create_app(Settings(store="memory:", **settings), fast_path=request.param)
        # A client with a cookie jar sends no other cookies.
        return app.test_client(use_cookies=cookies)

    return make
