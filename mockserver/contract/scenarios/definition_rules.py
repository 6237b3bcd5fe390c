"""The rules for a definition of a scenario that its schema cannot express."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.config.similar_names import similar_hint
from mockserver.contract.effects import Effects
from mockserver.contract.parameters import TypedParameter, typed_parameters
from mockserver.contract.scenarios.data_variants import VARIANTS
from mockserver.contract.scenarios.definition import CHANGES, step_members
from mockserver.contract.scenarios.list_lengths import list_length
from mockserver.contract.scenarios.undocumented import text_of_value, undocumented_errors
from mockserver.contract.timestamps import is_timestamp
from mockserver.contract.tokens import EXPIRED, features, not_a_list
from mockserver.formats.strict_yaml import Pointer
from mockserver.spec.description import Api, Operation

_EXCLUSIVE = {
    "records": ("after", "every", "probability", "sequence"),
    "progression": ("times", "after", "every", "probability", "sequence", "until", "match"),
    "sequence": ("status", "example", "data", "delay", "fault", "response"),
    "every": ("probability",),
}
"""Key to the keys that it cannot be combined with.

The records must not differ from one request to the next.
"""
_DECLARED = {
    "fault": "a fault",
    "response": "a response that the blueprint does not document",
}
"""Key that needs `breaks_contract` to the name of its value in an error."""


class DefinitionError(NamedTuple):
    """An error in a definition that its schema cannot find."""

    pointer: Pointer
    message: str
    of_key: bool = False
    """Whether the key is wrong, and not its value."""


class _Response(NamedTuple):
    """The keys for one response: those of the definition, or of one step of its sequence."""

    pointer: Pointer
    members: Mapping[str, Any]
    status_pointer: Pointer


@dataclass(frozen=True, slots=True)
class _Definition:
    """The members of a definition that are valid by its schema, and the names they may use."""

    value: Mapping[str, Any]
    invalid: Collection[str]
    """The keys whose values are invalid by the schema. `value` does not have them."""
    api: Api
    effects: Effects | None
    """The effects of the API; `None` to skip the checks that need them."""

    def __contains__(self, key: str) -> bool:
        """Return whether the definition has a key, with a valid value or not."""
        return key in self.value or key in self.invalid

    def operations(self) -> list[Operation]:
        """Return the operations that the definition names, without unknown ones."""
        names = self.value.get("operations", ())
        return [operation for operation in self.api.operations if operation.id in names]

    def responses(self) -> Iterator[_Response]:
        """Yield the definition itself, then the steps of its sequence."""
        yield _Response((), self.value, ("status",))
        for index, step in enumerate(self.value.get("sequence", ())):
            pointer: Pointer = ("sequence", index)
            status_pointer = pointer
            if not isinstance(step, int):
                status_pointer = (*pointer, "status")
            yield _Response(pointer, step_members(step), status_pointer)


def definition_errors(
    value: Mapping[str, Any], api: Api, effects: Effects | None, invalid: Collection[str] = ()
) -> Iterator[DefinitionError]:
    """Yield every error in a definition that `SCHEMA` cannot express.

    Args:
        value: The definition, without the members that are invalid by `SCHEMA`.
        api: The API whose operations and features it may name.
        effects: The effects of the API; `None` to skip the checks that need them.
        invalid: The keys of the members that are invalid by `SCHEMA`.
    """
    definition = _Definition(value, invalid, api, effects)
    for rule in _RULES:
        yield from rule(definition)


def _changes_something(definition: _Definition) -> Iterator[DefinitionError]:
    if not definition.invalid and not any(name in definition for name in CHANGES):
        message = f"the scenario changes nothing; expected one of {', '.join(CHANGES)}"
        yield DefinitionError((), message)


def _has_no_exclusive_keys(definition: _Definition) -> Iterator[DefinitionError]:
    for name, others in _EXCLUSIVE.items():
        for other in others:
            if name in definition and other in definition:
                message = f"'{name}' and '{other}' cannot be combined; expected only one of them"
                yield DefinitionError((other,), message, of_key=True)


def _undocumented_responses_are_alone(definition: _Definition) -> Iterator[DefinitionError]:
    for response in definition.responses():
        if "response" not in response.members:
            continue
        for other in ("status", "example", "data"):
            if other in response.members:
                message = f"'response' and '{other}' cannot be combined; expected only one of them"
                yield DefinitionError((*response.pointer, other), message, of_key=True)


def _repeat_has_a_sequence(definition: _Definition) -> Iterator[DefinitionError]:
    if "repeat" in definition and "sequence" not in definition:
        message = "'repeat' starts a sequence again; expected 'sequence' in the scenario"
        yield DefinitionError(("repeat",), message, of_key=True)


def _operations_are_known(definition: _Definition) -> Iterator[DefinitionError]:
    ids = [operation.id for operation in definition.api.operations]
    for index, operation_id in enumerate(definition.value.get("operations", ())):
        if operation_id not in ids:
            expected = f"expected one of {', '.join(ids)}{similar_hint(operation_id, ids)}"
            message = f"unknown operation '{operation_id}'; {expected}"
            yield DefinitionError(("operations", index), message)


def _statuses_are_documented(definition: _Definition) -> Iterator[DefinitionError]:
    for response in definition.responses():
        status = response.members.get("status")
        if status is None:
            continue
        for operation in definition.operations():
            if status not in operation.statuses:
                documented = ", ".join(map(str, operation.statuses))
                message = (
                    f"'{operation.id}' does not document status {status}; "
                    f"expected one of {documented}, or a `response` with this status"
                )
                yield DefinitionError(response.status_pointer, message)


def _examples_are_documented(definition: _Definition) -> Iterator[DefinitionError]:
    for response in definition.responses():
        example = response.members.get("example")
        if example is None:
            continue
        for operation in definition.operations():
            if example not in operation.examples:
                expected = _one_of(operation.examples, "none, because it has no named examples")
                message = f"'{operation.id}' has no example '{example}'; expected {expected}"
                yield DefinitionError((*response.pointer, "example"), message)


def _lengths_are_of_lists(definition: _Definition) -> Iterator[DefinitionError]:
    """Yield an error for each operation that lists no records, if `data` sets their number."""
    if definition.effects is None:
        return
    for response in definition.responses():
        data = response.members.get("data")
        if not isinstance(data, dict) and list_length(data) is None:
            continue
        for operation in definition.operations():
            effect = definition.effects.operations.get(operation.id)
            if effect is None or effect.kind != "list":
                message = (
                    f"'{operation.id}' does not list records, so their number cannot be set; "
                    f"expected one of {', '.join(VARIANTS)}, or operations that list records"
                )
                yield DefinitionError((*response.pointer, "data"), message)


def _delays_end_after_they_start(definition: _Definition) -> Iterator[DefinitionError]:
    for response in definition.responses():
        delay = response.members.get("delay")
        if isinstance(delay, dict) and delay["from"] > delay["to"]:
            message = f"'to' is less than 'from'; expected at least {delay['from']}"
            yield DefinitionError((*response.pointer, "delay", "to"), message)


def _violations_are_declared(definition: _Definition) -> Iterator[DefinitionError]:
    if "breaks_contract" in definition:
        return
    for response in definition.responses():
        for key, name in _DECLARED.items():
            if key in response.members:
                message = f"{name} breaks the contract; add `breaks_contract: true` to the scenario"
                yield DefinitionError((*response.pointer, key), message)


def _undocumented_responses_can_be_sent(definition: _Definition) -> Iterator[DefinitionError]:
    for response in definition.responses():
        value = response.members.get("response")
        if value is None:
            continue
        for pointer, message, of_key in undocumented_errors(value):
            yield DefinitionError((*response.pointer, "response", *pointer), message, of_key)


def _matched_variables_are_valid(definition: _Definition) -> Iterator[DefinitionError]:
    """Yield an error for each variable that no valid request to the operations can have."""
    operations = definition.operations()
    if not operations:
        return
    match = definition.value.get("match", {})
    for location in ("path", "query"):
        parameters = _parameters(operations, location)
        for name, value in match.get(location, {}).items():
            pointer = ("match", location, name)
            text = text_of_value(value)
            candidates = parameters.get(name, [])
            if not candidates:
                expected = _one_of(parameters, "none, because they have none")
                message = (
                    f"the operations have no {location} variable '{name}'; expected {expected}"
                )
                yield DefinitionError(pointer, message, of_key=True)
            elif not any(_is_valid(candidate, text) for candidate in candidates):
                message = (
                    f"no request can have the {name} '{text}'; expected {candidates[0].expected}"
                )
                yield DefinitionError(pointer, message)


def _parameters(operations: list[Operation], location: str) -> dict[str, list[TypedParameter]]:
    """Return the parameters of the operations in the path or in the query, by name."""
    parameters: dict[str, list[TypedParameter]] = {}
    for operation in operations:
        for typed in typed_parameters(operation.parameters, paged=False):
            if typed.parameter.location == location:
                parameters.setdefault(typed.parameter.name, []).append(typed)
    return parameters


def _is_valid(parameter: TypedParameter, text: str) -> bool:
    try:
        parameter.parse([text])
    except ValueError:
        return False
    return True


def _records_are_matched_by_path(definition: _Definition) -> Iterator[DefinitionError]:
    if "records" not in definition.value:
        return
    for location in ("query", "headers"):
        if location in definition.value.get("match", {}):
            message = (
                "'records' applies to every request; "
                f"expected only 'path' in 'match', got '{location}'"
            )
            yield DefinitionError(("match", location), message, of_key=True)


def _collections_are_known(definition: _Definition) -> Iterator[DefinitionError]:
    if definition.effects is None:
        return
    collections = definition.effects.collections
    for name in definition.value.get("records", ()):
        if name not in collections:
            message = f"unknown collection '{name}'; expected one of {', '.join(collections)}"
            yield DefinitionError(("records", name), message, of_key=True)


def _until_is_a_valid_time(definition: _Definition) -> Iterator[DefinitionError]:
    until = definition.value.get("until")
    if isinstance(until, str) and not is_timestamp(until):
        message = (
            f"invalid timestamp '{until}'; expected a number of seconds, or YYYY-MM-DD HH:MM:SS"
        )
        yield DefinitionError(("until",), message)


def _features_are_known(definition: _Definition) -> Iterator[DefinitionError]:
    token_features = definition.value.get("token_features", EXPIRED)
    if token_features == EXPIRED:
        return
    documented = features((definition.api,))
    if isinstance(token_features, str):
        yield DefinitionError(("token_features",), not_a_list(token_features, documented))
        return
    for index, feature in enumerate(token_features):
        if feature not in documented:
            message = f"unknown feature '{feature}'; expected one of {', '.join(documented)}"
            yield DefinitionError(("token_features", index), message)


def _one_of(names: Mapping[str, Any], otherwise: str) -> str:
    if not names:
        return otherwise
    return f"one of {', '.join(names)}"


_RULES: tuple[Callable[[_Definition], Iterator[DefinitionError]], ...] = (
    _changes_something,
    _has_no_exclusive_keys,
    _undocumented_responses_are_alone,
    _repeat_has_a_sequence,
    _operations_are_known,
    _statuses_are_documented,
    _examples_are_documented,
    _lengths_are_of_lists,
    _delays_end_after_they_start,
    _violations_are_declared,
    _undocumented_responses_can_be_sent,
    _matched_variables_are_valid,
    _records_are_matched_by_path,
    _collections_are_known,
    _until_is_a_valid_time,
    _features_are_known,
)
