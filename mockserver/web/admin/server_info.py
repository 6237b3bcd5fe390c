"""Control operations that tell of the server itself."""

import re
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

from mockserver import __version__
from mockserver.config import settings as config
from mockserver.config.settings import Settings
from mockserver.errors import StoreUnavailableProblem
from mockserver.pipeline.mock_server import store_unavailable
from mockserver.sandbox.stores.store import StoreUnavailable
from mockserver.web.admin.call import AdminCall, Json, Text
from mockserver.web.admin.schemas import ANYTHING, COUNT, TEXT, TEXTS, map_of, object_of

HEALTH = object_of(
    status={"const": "healthy"},
    message=TEXT,
    version=TEXT,
    uptimeInSeconds=COUNT,
    timestamp={"type": "string", "format": "date-time"},
    store=TEXT,
    reads={"const": True},
    writes={"const": True},
    operations=TEXTS,
)
VERSION = object_of(version=TEXT, blueprints=map_of(TEXT))
SETTINGS = object_of({field.name: ANYTHING for field in fields(Settings)}, settings={"type": "object"})
_STARTED = time.monotonic()


def health(call: AdminCall) -> Json:
    """200 only when the store answers and takes changes; raises `StoreDown` otherwise, with `reads` and `writes`."""
    _probe(call.server.store.check, reads=False)
    _probe(call.server.store.check_writes, reads=True)
    operations = [served.operation.id for served in call.server.contract.served]
    return {
        "status": "healthy",
        "message": "the store answers and takes changes, and every operation is served",
        "version": __version__,
        "uptimeInSeconds": int(time.monotonic() - _STARTED),
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "store": _without_password(call.server.settings.store),
        "reads": True,
        "writes": True,
        "operations": operations,
    }


def _probe(check: Callable[[], None], *, reads: bool) -> None:
    try:
        check()
    except StoreUnavailable as error:
        problem = store_unavailable(error)
        why = f"changes fail, reads are answered: {problem.detail}" if reads else problem.detail
        raise StoreUnavailableProblem(why, {"reads": reads, "writes": False}, problem.headers) from error


def version(call: AdminCall) -> Json:
    """The version, and which blueprints are served."""
    return {"version": __version__, "blueprints": {api.id: api.sha256 for api in call.server.contract.apis}}


def settings(call: AdminCall) -> Json:
    """Every setting; a secret, and a password in the store's URL, is not told. `settings` has WireMock's: no delay for all."""
    told = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(call.server.settings).items()}
    secrets = {each.name: "***" for each in config.SETTINGS if each.secret and told[each.name]}
    return {**told, **secrets, "store": _without_password(call.server.settings.store), "settings": {"fixedDelay": None}}


def metrics(call: AdminCall) -> Text:
    """What all processes of this server have counted since its start, for Prometheus.

    A store that is away takes the number of sandboxes with it, and nothing else: that is when the rest is looked at.
    """
    try:
        sandboxes = len(call.server.store.sandboxes())
    except StoreUnavailable:
        sandboxes = None
    return Text(call.server.metrics.exposition(sandboxes))


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//***@", url)
