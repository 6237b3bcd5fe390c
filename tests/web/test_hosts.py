"""The host names that the admin API accepts."""

from typing import Any

import pytest
from flask.testing import EnvironBuilder, FlaskClient
from helpers.admin import problem_slug
from werkzeug.test import run_wsgi_app

HOSTS = [
    ("localhost", True),
    ("localhost:8080", True),
    ("LocalHost:8080", True),
    ("localhost.", True),
    ("app.localhost:80", True),
    ("127.0.0.1:8080", True),
    ("127.9.9.9", True),
    ("10.0.0.7:8080", True),
    ("[::1]:8080", True),
    ("[fe80::1]", True),
    ("mockserver", True),
    ("mock_server:8080", True),
    ("mockserver-7d9f", True),
    ("mock.example.com", True),
    ("MOCK.example.com.:8443", True),
    ("", False),
    ("evil.test", False),
    ("evil.test:8080", False),
    ("mock.example.com.evil.test", False),
    ("evilmock.example.com", False),
    ("localhost.evil.test", False),
    ("127.0.0.1.evil.test", False),
    ("127.0.0.1.nip.io", False),
    ("evil.", False),
    ("evillocalhost.test", False),
    ("a.evillocalhost", False),
    ("1.2.3", False),
    ("localhost:8080@evil.test", False),
    ("localhost/evil.test", False),
    ("localhost, evil.test", False),
    ("localhost evil.test", False),
    ("[::1].evil.test", False),
    ("[::1", False),
    ("local\u00e9", False),
    (":8080", False),
]


@pytest.mark.parametrize(("host", "fits"), HOSTS, ids=[host or "none" for host, _ in HOSTS])
def test_the_admin_api_accepts_only_safe_host_names(
    make_client: Any, host: str, fits: bool
) -> None:
    client = make_client(allowed_hosts=("mock.example.com",))
    for path in ("/__admin/scenarios", "/~anna/__admin/scenarios", "/__admin/health"):
        response = client.get(path, environ_overrides={"HTTP_HOST": host})
        assert (response.status_code, problem_slug(response)) == (
            (200, None) if fits else (403, "host-not-allowed")
        )


def test_a_call_without_a_host_is_rejected(make_client: Any) -> None:
    app = make_client().application
    environ = {**EnvironBuilder(app, "/__admin/health").get_environ(), "HTTP_HOST": ""}
    del environ["HTTP_HOST"]
    _, status, _ = run_wsgi_app(app, environ)
    assert status == "403 FORBIDDEN"


def test_a_rejected_host_gets_the_option_that_allows_it(client: FlaskClient) -> None:
    detail = client.get("/__admin/health", headers={"Host": "mock.corp:8080"}).json["detail"]
    advice = "allow the name with --allowed-hosts mock.corp (MOCKSERVER_ALLOWED_HOSTS)"
    assert f"got mock.corp:8080; {advice}" in detail
