"""Compare the parameters, required headers and features of two operations."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockserver.contract.required_headers import optional_headers, required_headers
from mockserver.errors import Position
from mockserver.formats.json_text import abbreviated_json
from mockserver.formats.uri_segment import encoded_value
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.description import Operation, Parameter
from mockserver.verification.diff.findings import Finding, Touch
from mockserver.verification.diff.matching import OperationPair

_WIDER = {
    "integer": ("number", "string", "array"),
    "number": ("string", "array"),
    "boolean": ("string", "array"),
    "string": ("array",),
    "array": (),
}
"""Type of a parameter to the types that accept each of its texts. A value is a list of one."""
_TOKEN_WORDS = ("authorization", "token", "api-key", "apikey")
"""Parts of the names of headers with a token."""


@dataclass(frozen=True, slots=True)
class _Values:
    """What one parameter accepts."""

    type: str
    item_type: str
    values: Mapping[str, str]
    """The valid texts, each with its JSON; empty if there is no enum."""


def parameter_findings(pair: OperationPair) -> Iterator[Finding]:
    """Yield the changes of path variables and of the query."""
    old_template, new_template = pair.templates
    renamed: dict[str, str] = {}
    if not pair.is_moved:
        old_names, new_names = _path_variables(old_template), _path_variables(new_template)
        renamed = dict(zip(old_names, new_names, strict=True))
        expected = [renamed[name] for name in old_names]
        if new_names != expected or len(set(renamed.values())) < len(renamed):
            # One side repeats a variable where the other side has two.
            yield Finding("UNDECIDED", "path", old_template.text, new_template.text)
        yield from _renamed_variables(pair, renamed)
    old = _by_name(pair.old, old_template, renamed)
    new = _by_name(pair.new, new_template, {})
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield from _removed(pair, name, old[name])
        elif name not in old:
            yield from _added(pair, name, new[name])
        else:
            yield from _changed(pair, name, old[name], new[name])
    yield from _literal_parts(_literals(old_template), _literals(new_template))
    yield from _forms(pair, old_template, new_template)


def _path_variables(template: UriTemplate) -> list[str]:
    """Return the names of the variables of the path, in order and with repetitions."""
    names: list[str] = []
    for segment in template.segments:
        names += (variable.name for variable in segment.variables)
    return names


def _renamed_variables(pair: OperationPair, renamed: Mapping[str, str]) -> Iterator[Finding]:
    for old, new in renamed.items():
        if old != new:
            yield Finding("URI-VAR-RENAMED", f"path {old}", f"{{{old}}}", f"{{{new}}}")


def _by_name(
    operation: Operation, template: UriTemplate, renamed: Mapping[str, str]
) -> dict[tuple[str, str], Parameter]:
    """Return the parameters by location and name, without the literal parts of the query.

    Args:
        operation: The operation.
        template: Its URI template.
        renamed: New name of each path variable.
    """
    literal = dict(template.fixed)
    parameters: dict[tuple[str, str], Parameter] = {}
    for parameter in operation.parameters:
        name = parameter.name
        if parameter.location == "path":
            name = renamed.get(name, name)
        elif name in literal:
            continue
        parameters[parameter.location, name] = parameter
    return parameters


def _removed(pair: OperationPair, name: tuple[str, str], parameter: Parameter) -> Iterator[Finding]:
    if name[0] == "path":
        return  # the path of a moved operation
    where = " ".join(name)
    touch = Touch((where,), without=("absent",))
    yield Finding(
        "PARAM-REMOVED", where, _described(parameter), "", parameter.position, touch=touch
    )


def _added(pair: OperationPair, name: tuple[str, str], parameter: Parameter) -> Iterator[Finding]:
    if name[0] == "path":
        return
    rule = "PARAM-ADDED"
    if parameter.required:
        rule = "PARAM-ADDED-REQUIRED"
    where = " ".join(name)
    yield Finding(rule, where, "", _described(parameter), new_position=parameter.position)


def _changed(
    pair: OperationPair, name: tuple[str, str], old: Parameter, new: Parameter
) -> Iterator[Finding]:
    # Items of the coverage have the name in OLD.
    item = f"{old.location} {old.name}"
    finding = _Finding(" ".join(name), old.position, new.position)
    if new.required and not old.required:
        touch = Touch((item,), only=("absent",))
        yield finding.of("PARAM-ADDED-REQUIRED", "optional", "required", touch)
    if old.required and not new.required:
        yield finding.of("PARAM-WIDENED", "required", "optional", Touch((item,)))
    yield from _value_findings(finding, item, _values(old), _values(new))
    if old.default != new.default:
        touch = Touch((item,), only=("absent",))
        texts = (_json(old.default), _json(new.default))
        yield finding.of("PARAM-DEFAULT", *texts, touch)
    if old.example != new.example:
        yield finding.of("EXAMPLE-CHANGED", _json(old.example), _json(new.example), Touch())
    if old.description != new.description:
        yield finding.of("TEXT-CHANGED", old.description, new.description, Touch())


@dataclass(frozen=True, slots=True)
class _Finding:
    """The common parts of the findings about one parameter."""

    where: str
    old_position: Position
    new_position: Position

    def of(self, rule: str, old: str, new: str, touch: Touch) -> Finding:
        return Finding(
            rule, self.where, old, new, self.old_position, self.new_position, touch=touch
        )


def _values(parameter: Parameter) -> _Values:
    item_type = ""
    if parameter.type == "array":
        item_type = parameter.item_type
    values = {encoded_value(value): abbreviated_json(value) for value in parameter.values}
    return _Values(parameter.type, item_type, values)


def _value_findings(finding: _Finding, item: str, old: _Values, new: _Values) -> Iterator[Finding]:
    """Yield the findings about the values that a parameter accepts."""
    sent = Touch((item,), without=("absent",))
    old_type, new_type = _type_text(old), _type_text(new)
    if old_type != new_type:
        if _accepts(new, old):
            yield finding.of("PARAM-WIDENED", old_type, new_type, sent)
        else:
            yield finding.of("PARAM-NARROWED", old_type, new_type, sent)
    gone = [word for value, word in old.values.items() if value not in new.values]
    added = [word for value, word in new.values.items() if value not in old.values]
    if not old.values and new.values:
        yield finding.of("PARAM-NARROWED", "any value", ", ".join(added), sent)
    elif old.values and not new.values:
        yield finding.of("PARAM-WIDENED", ", ".join(gone), "any value", sent)
    else:
        if gone:
            touch = Touch((item,), only=tuple(gone))
            yield finding.of("PARAM-NARROWED", ", ".join(gone), "", touch)
        if added:
            yield finding.of("PARAM-WIDENED", "", ", ".join(added), sent)


def _accepts(wide: _Values, narrow: _Values) -> bool:
    """Return whether a type accepts each text of another type."""
    if wide.type == narrow.type == "array":
        return wide.item_type in _WIDER[narrow.item_type]
    if wide.type == "array":
        # A text with a comma would be several items, which only numbers and booleans exclude.
        return wide.item_type == narrow.type or wide.item_type in _WIDER[narrow.type]
    return wide.type in _WIDER[narrow.type]


def _type_text(values: _Values) -> str:
    if values.item_type:
        return f"array of {values.item_type}"
    return values.type


def _json(value: object) -> str:
    if value is None:
        return ""
    return abbreviated_json(value)


def _described(parameter: Parameter) -> str:
    necessity = "optional"
    if parameter.required:
        necessity = "required"
    return f"{_type_text(_values(parameter))}, {necessity}"


def _literals(template: UriTemplate) -> dict[str, tuple[str, ...]]:
    """Return the values of each literal part of the query, whose name can be repeated."""
    literals: dict[str, tuple[str, ...]] = {}
    for name, value in sorted(template.fixed):
        literals[name] = (*literals.get(name, ()), value)
    return literals


def _literal_parts(
    old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]
) -> Iterator[Finding]:
    """Yield the changes of the literal parts of the query, which each request must have."""
    for name in dict.fromkeys([*old, *new]):
        where = f"query {name}"
        if name not in new:
            yield Finding("PARAM-REMOVED", where, _pairs_text(name, old[name]), "")
        elif name not in old:
            yield Finding("PARAM-ADDED-REQUIRED", where, "", _pairs_text(name, new[name]))
        elif old[name] != new[name]:
            yield Finding("PARAM-NARROWED", where, ", ".join(old[name]), ", ".join(new[name]))


def _pairs_text(name: str, values: Iterable[str]) -> str:
    return "&".join(f"{name}={value}" for value in values)


def _forms(pair: OperationPair, old: UriTemplate, new: UriTemplate) -> Iterator[Finding]:
    """Yield an undecided finding for each variable of the query that is written in another way."""
    old_composed = {value.name: value for value in old.composed}
    new_composed = {value.name: value for value in new.composed}
    for name in old.query:
        if name not in new.query:
            continue
        is_same_list = (name in old.lists) == (name in new.lists)
        if not is_same_list or old_composed.get(name) != new_composed.get(name):
            texts = (old.text, new.text)
            yield Finding("UNDECIDED", f"query {name}", *texts, touch=Touch((f"query {name}",)))


def feature_findings(pair: OperationPair) -> Iterator[Finding]:
    """Yield the changes of required features. A token needs one of the features."""
    old, new = set(pair.old.required_features), set(pair.new.required_features)
    texts = (", ".join(sorted(old)), ", ".join(sorted(new)))
    if new and not (old and old <= new):
        yield Finding("FEATURE-ADDED", "required features", *texts)
    if old and not (new and new <= old):
        yield Finding("FEATURE-DROPPED", "required features", *texts)


def header_findings(pair: OperationPair) -> Iterator[Finding]:
    """Yield the changes of the request headers, which are required or optional."""
    old, new = _headers(pair.old), _headers(pair.new)
    old_optional, new_optional = optional_headers(pair.old), optional_headers(pair.new)
    for name in sorted(new - old):
        rule, old_text = "PARAM-ADDED-REQUIRED", ""
        if _has_token(name):
            rule = "FEATURE-ADDED"
        if name in old_optional:
            old_text = "optional"
        yield Finding(rule, f"header {name}", old_text, "required")
    for name in sorted(old - new):
        rule, new_text = "PARAM-REMOVED", ""
        if name in new_optional:
            rule, new_text = "PARAM-WIDENED", "optional"
        if _has_token(name):
            rule = "FEATURE-DROPPED"
        yield Finding(rule, f"header {name}", "required", new_text)
    yield from _optional_header_findings(old_optional - new_optional - new, "PARAM-REMOVED")
    yield from _optional_header_findings(new_optional - old_optional - old, "PARAM-ADDED")


def _optional_header_findings(names: Iterable[str], rule: str) -> Iterator[Finding]:
    texts = ("optional", "")
    if rule == "PARAM-ADDED":
        texts = ("", "optional")
    for name in sorted(names):
        yield Finding(rule, f"header {name}", *texts)


def _headers(operation: Operation) -> set[str]:
    return set(required_headers(operation, "")[1])


def _has_token(header: str) -> bool:
    return any(word in header for word in _TOKEN_WORDS)
