"""What `mockserver.pytest_plugin` puts into a test: a running server, and a sandbox on it that is the test's own."""

from mockserver.testing.sandbox import OwnSandbox
from mockserver.testing.sandbox_steering import OwnClock, ScenarioOn
from mockserver.testing.server import RUNNERS, running

__all__ = ["RUNNERS", "OwnClock", "OwnSandbox", "ScenarioOn", "running"]
