"""Check the effects of operations against lifecycles and against the schemas of responses."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.api_reading import ApiReading
from mockserver.contract.effects import Effect
from mockserver.contract.envelope import Envelope
from mockserver.errors import FileMessage, Position
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.spec.description import Operation


def transition_errors(
    reading: ApiReading, operation: Operation, effect: Effect
) -> Iterator[FileMessage]:
    """Yield an error for a transition that the lifecycle does not allow.

    Its lifecycle is missing, a state is unknown, or a state does not lead to the new one.
    """
    if effect.kind != "transition" or reading.document is None or not reading.config_valid:
        return
    document = reading.document
    pointer = ("operations", operation.id)
    lifecycle = reading.lifecycles.get(effect.collection)
    if lifecycle is None:
        message = (
            f"collection '{effect.collection}' has no lifecycle; "
            "a transition needs one in lifecycles.yaml"
        )
        yield FileMessage(document.key_position(pointer), message)
        return
    has_unknown = False
    for state, position in _states(document, pointer, effect):
        if state not in lifecycle.states:
            has_unknown = True
            message = (
                f"collection '{effect.collection}' has no state '{state}'; "
                f"expected one of {', '.join(lifecycle.states)}"
            )
            yield FileMessage(position, message)
    if has_unknown:
        return
    for index, state in enumerate(effect.from_states):
        to_state = effect.to_state
        if to_state not in lifecycle.states[state].next_states:
            message = (
                f"lifecycles.yaml has no transition from '{state}' to '{to_state}'; "
                f"add '{to_state}' to `next` of '{state}', or remove '{state}' from `from`"
            )
            yield document.file_error((*pointer, "from", index), message)


def _states(document: Document, pointer: Pointer, effect: Effect) -> Iterator[tuple[str, Position]]:
    """Yield each state that a transition names, with its position in the file."""
    yield effect.to_state, document.position((*pointer, "to"))
    for index, state in enumerate(effect.from_states):
        yield state, document.position((*pointer, "from", index))
    for state in effect.reject:
        yield state, document.key_position((*pointer, "reject", state))


def member_errors(
    reading: ApiReading, operation: Operation, effect: Effect, envelope: Envelope | None
) -> Iterator[FileMessage]:
    """Yield an error for each member of the effect that the response does not have.

    Members in `timestamps` and `search` must be strings.
    """
    if not envelope or not reading.document:
        return
    members: Mapping[str, Any] = envelope.item_schema.get("properties", {})
    texts = [name for name, schema in members.items() if "string" in str(schema.get("type"))]
    for pointer, member in _members(effect):
        kind, allowed = "string member", texts
        if pointer[0] == "filter":
            kind, allowed = "member", list(members)
        if member not in allowed:
            expected = ", ".join(allowed) or "none"
            message = f"the response has no {kind} '{member}'; expected one of {expected}"
            yield reading.document.file_error(("operations", operation.id, *pointer), message)


def _members(effect: Effect) -> Iterator[tuple[Pointer, str]]:
    """Yield each member of a record that an effect names, with its position in the effect."""
    for index, member in enumerate(effect.timestamps):
        yield ("timestamps", index), member
    for variable, member in effect.filter.items():
        yield ("filter", variable), member
    for variable, member in effect.search.items():
        yield ("search", variable), member
