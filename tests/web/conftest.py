"""Fixtures of the tests of the WSGI application."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from mockserver.config.settings import Settings
from mockserver.web.app import create_app


@pytest.fixture(params=[True, False], ids=["fast path", "views"])
def make_client(request: pytest.FixtureRequest) -> Any:
    """Return a function that makes a client of an application with these settings, with the fast path and without."""

    def make(*, cookies: bool = False, **settings: Any) -> FlaskClient:
        app = create_app(Settings(store="memory:", **settings), fast_path=request.param)
        return app.test_client(
            use_cookies=cookies
        )  # a client that has a jar sends no other cookies

    return make
