"""Transitions of a record that a request or a tester asks for."""

from typing import Any

from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.record_types import Record
from mockserver.errors import TransitionNotAllowed


def check_transition(lifecycle: Lifecycle, record: Record, to_state: Any, name: str) -> None:
    """Check that the lifecycle allows a transition from the current state to `to_state`.

    `name` is the name of the record in the error.

    Raises:
        TransitionNotAllowed: the current state does not lead to `to_state`.
    """
    next_states = list(lifecycle.next_of(record))
    if to_state in next_states:
        return
    state = str(lifecycle.state_of(record))
    hint = f"expected one of {', '.join(next_states)}"
    if not next_states:
        hint = f"{state!r} is a final state"
    detail = f"{name}: the transition from {state!r} to {str(to_state)!r} is not allowed; {hint}"
    raise TransitionNotAllowed(detail, {"next_states": next_states})
