"""Control operations that tell of the server itself."""

import re
from dataclasses import asdict
from pathlib import Path

from mockserver import __version__
from mockserver.config import SETTINGS
from mockserver.web.control.call import Call, Json


def health(call: Call) -> Json:
    """200 only when the store answers; raises `StoreUnavailable` otherwise."""
    call.server.store.check()
    operations = [served.operation.id for served in call.server.contract.served]
    return {
        "status": "healthy",
        "version": __version__,
        "store": _without_password(call.server.settings.store),
        "operations": operations,
    }


def version(call: Call) -> Json:
    """The version, and which blueprints are served."""
    return {"version": __version__, "blueprints": {api.id: api.sha256 for api in call.server.contract.apis}}


def settings(call: Call) -> Json:
    """Every setting; a secret, and a password in the store's URL, is not told."""
    told = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(call.server.settings).items()}
    secrets = {each.name: "***" for each in SETTINGS if each.secret and told[each.name]}
    return {**told, **secrets, "store": _without_password(call.server.settings.store)}


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//***@", url)
