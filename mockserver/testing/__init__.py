"""What `mockserver.pytest_plugin` puts into a test: a running server, and a sandbox on it that is the test's own."""

from mockserver.testing.own import OwnSandbox
from mockserver.testing.running import RUNNERS, running
from mockserver.testing.steering import OwnClock, ScenarioOn

__all__ = ["RUNNERS", "OwnClock", "OwnSandbox", "ScenarioOn", "running"]
