"""The states of records and the transitions between them: `fixtures/API/lifecycles.yaml`."""

from mockserver.contract.lifecycles.file import read_lifecycles
from mockserver.contract.lifecycles.lifecycle import (
    CountRule,
    FieldPath,
    Lifecycle,
    LifecycleState,
    get_path,
    set_path,
)
from mockserver.contract.lifecycles.progression import advance_once, advance_to, state_at

__all__ = [
    "CountRule",
    "FieldPath",
    "Lifecycle",
    "LifecycleState",
    "advance_once",
    "advance_to",
    "get_path",
    "read_lifecycles",
    "set_path",
    "state_at",
]
