"""Warn of environment variables that look like settings but are none."""

import re
from collections.abc import Iterable, Mapping

from mockserver.config.settings import PREFIX, SETTINGS, URL_VARIABLE
from mockserver.config.similar_names import similar_name

_CONTAINER_VARIABLE = re.compile(rf"{PREFIX}(SERVICE|PORT)(_.*)?")
"""The variables that Docker and Kubernetes set for a container named "mockserver"."""


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a warning for each environment variable that starts like a setting but is unknown."""
    variables = {URL_VARIABLE, *(setting.variable for setting in SETTINGS)}
    warnings = []
    for name in sorted(environ):
        is_setting_like = name.startswith(PREFIX) and not _CONTAINER_VARIABLE.fullmatch(name)
        if is_setting_like and name not in variables:
            warnings.append(f"Unknown setting {name} (ignored).{_did_you_mean(name, variables)}")
    return warnings


def _did_you_mean(name: str, variables: Iterable[str]) -> str:
    candidates = [variable.removeprefix(PREFIX) for variable in variables]
    candidate = similar_name(name.removeprefix(PREFIX), candidates, 0.8)
    return f" Did you mean {PREFIX}{candidate}?" if candidate else ""
