"""A pytest session that tests an app with the plugin."""

import pytest
from helpers.plugin_sessions import APP, UNSET, WITHOUT
from helpers.processes import clean_environ


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with the tests of an app, and the app."""
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    # The servers of the tests ignore it.
    monkeypatch.setenv("MOCKSERVER_SCENARIOS", "export-not-found")
    monkeypatch.setenv("PYTHONPATH", clean_environ()["PYTHONPATH"])
    pytester.makepyfile(app=APP)
    pytester.makeini(
        f"[pytest]\naddopts = --strict-markers --strict-config {WITHOUT}\nfilterwarnings = error"
    )
    return pytester
