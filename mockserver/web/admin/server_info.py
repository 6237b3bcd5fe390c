"""The admin API of the server itself."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from mockserver import __version__
from mockserver.config import settings as config
from mockserver.config.settings import Settings
from mockserver.errors import StoreUnavailable
from mockserver.formats.json_schema import Schema
from mockserver.web.admin.call import AdminCall, Text
from mockserver.web.admin.schemas import ANYTHING, TEXT, TEXTS, Json, map_of, object_of
from mockserver.web.health import without_password

HEALTH: dict[str, Schema] = {
    "status": {"const": "healthy"},
    "version": TEXT,
    "store": TEXT,
    "reads": {"const": True},
    "writes": {"const": True},
    "operations": TEXTS,
}
SETTINGS: dict[str, Schema] = {field.name: ANYTHING for field in fields(Settings)}
VERSION = object_of(version=TEXT, blueprints=map_of(TEXT))


def version(call: AdminCall) -> Json:
    """Return the version, and the hash of each blueprint."""
    return {
        "version": __version__,
        "blueprints": {api.id: api.sha256 for api in call.contract.apis},
    }


def settings(call: AdminCall) -> Json:
    """Return all settings. Secrets and the password in the store's URL are masked."""
    values = {name: _setting_json(value) for name, value in asdict(call.server.settings).items()}
    for setting in config.SETTINGS:
        if setting.secret and values[setting.name]:
            values[setting.name] = "***"
    values["store"] = without_password(call.server.settings.store)
    return values


def _setting_json(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return value


def metrics(call: AdminCall) -> Text:
    """Return the metrics of all processes of this server since its start, for Prometheus.

    If the store is unavailable, only the number of sandboxes is missing. The other metrics are
    important during an outage.
    """
    try:
        sandboxes = call.server.store.count()
    except StoreUnavailable:
        sandboxes = None
    return Text(call.server.metrics.exposition(sandboxes))
