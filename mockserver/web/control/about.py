"""Control operations that tell of the server itself."""

from dataclasses import asdict
from pathlib import Path

from mockserver import __version__
from mockserver.web.control.call import Call, Json


def health(call: Call) -> Json:
    """200 only when the store answers; raises `StoreUnavailable` otherwise."""
    call.server.store.check()
    operations = [served.operation.id for served in call.server.contract.served]
    return {"status": "healthy", "version": __version__, "store": call.server.settings.store, "operations": operations}


def version(call: Call) -> Json:
    """The version, and which blueprints are served."""
    return {"version": __version__, "blueprints": {api.id: api.sha256 for api in call.server.contract.apis}}


def settings(call: Call) -> Json:
    """Every setting."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(call.server.settings).items()}
