"""Requests that may cover items of an operation, each with the words that describe it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlencode

import orjson

from mockserver.contract.coverage.bodies import Place, all_places, pointer_names
from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.coverage.operation_items import parameter_values, value_word
from mockserver.contract.effects import RecordLocator
from mockserver.contract.examples import example_values
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.list_lengths import DATA_NAMES
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.pipeline.messages import Request
from mockserver.spec.description import Parameter, Payload

MAX_RECORDS = 2000
"""Maximum records of a collection that are read for an operation."""
_VALUES = {"boolean": "true", "number": 1, "integer": 1, "string": "1", "array": "1"}
"""Values of required query variables without an example."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that may cover items."""

    description: str
    """How to send it: `GET /api/trash`, `Prefer: code=404`, `send limit=0`, `scenario slow`."""
    request: Request
    scenario: str = ""
    """The scenario to switch on before; empty for none."""
    for_error: bool = False
    """Whether it is meant for the items of an error response only."""


class Attempts:
    """The attempts at one operation."""

    def __init__(self, contract: Contract, served: ServedOperation, items: CoverageItems) -> None:
        """Prepare the attempts at an operation of a contract with these items."""
        self._contract = contract
        self._served = served
        self._body = items.request_body(served)
        self._observer = items.observer(served)
        self._records: Mapping[str, Record] = contract.collections.get(served.collection, {})
        self._values = _example_values(served, self._records)
        self._payload = _request_payload(served)

    def all(self) -> Iterator[Attempt]:
        """Yield all attempts, the simplest first."""
        yield self._call(self._values)
        yield from self._statuses(for_error=True)
        yield self._preferring("data=empty")
        yield self._preferring("data=one")
        yield from self._parameters()
        yield from self._bodies()
        yield from self._of_records()
        yield from self._statuses(for_error=False)
        yield from self._variants()
        yield from self._examples()

    def of_scenario(self, scenario: Scenario) -> Attempt:
        """Return the request that a scenario applies to."""
        values = {**self._values, **scenario.match.path, **scenario.match.query}
        request = self._request(values, dict(scenario.match.headers))
        description = f"switch it on, then {_line(request)}"
        return Attempt(description, request, scenario.name)

    def _call(self, values: Mapping[str, Any]) -> Attempt:
        request = self._request(values)
        return Attempt(_line(request), request)

    def _statuses(self, *, for_error: bool) -> Iterator[Attempt]:
        """Yield the scenarios of the user's files, then a preference for each status."""
        operation_id = self._served.operation.id
        for name, scenario in self._contract.scenarios.items():
            has_effect = operation_id in scenario.operations or scenario.records
            if scenario.position and has_effect and not scenario.progression:
                request = self._request(self._values, {"prefer": f"scenario={name}"})
                yield Attempt(f"scenario {name}", request, for_error=for_error)
        for status in self._served.operation.statuses:
            yield replace(self._preferring(f"code={status}"), for_error=for_error)

    def _preferring(self, preference: str) -> Attempt:
        request = self._request(self._values, {"prefer": preference})
        return Attempt(f"Prefer: {preference}", request)

    def _parameters(self) -> Iterator[Attempt]:
        """Yield a request for each optional parameter, documented value and bound."""
        for typed in self._served.parameters:
            parameter = typed.parameter
            values: list[Any] = [typed.minimum, typed.maximum, *parameter_values(typed)]
            if not parameter.required:
                values.append(_query_value(parameter))
            for value in values:
                if value is None:
                    continue
                text = str(value)
                if isinstance(value, bool):
                    text = text.lower()
                request = self._request({**self._values, parameter.name: text})
                yield Attempt(f"send {parameter.name}={text}", request)

    def _bodies(self) -> Iterator[Attempt]:
        """Yield the documented body, changed at each documented place."""
        if self._body is None or self._payload is None or not self._payload.body:
            return
        if not self._payload.is_json:
            return
        for place in all_places(self._body):
            for change, value in _changes(place):
                body = _changed(
                    orjson.loads(self._payload.body), pointer_names(place.pointer), value
                )
                if body is not None:
                    request = self._request(self._values, {}, orjson.dumps(body))
                    yield Attempt(change, request)

    def _variants(self) -> Iterator[Attempt]:
        for name in DATA_NAMES:
            yield self._preferring(f"data={name}")

    def _examples(self) -> Iterator[Attempt]:
        for name in self._served.operation.examples:
            if name.isascii() and name.replace("-", "").isalnum():
                yield self._preferring(f"example={name}")

    def _of_records(self) -> Iterator[Attempt]:
        """Yield requests for the shipped records: for each one, or for the list of each parent."""
        served = self._served
        if served.rule is None or served.effect.kind == "create":
            return
        targets: set[str] = set()
        for record in self._different_records(served.rule):
            members = {name: record.get(member) for name, member in served.rule.members.items()}
            values = {**self._values, **members}
            if any(values.get(name) is None for name in served.template.path):
                continue
            if served.effect.kind == "list":
                if served.rule.key not in served.template.path:
                    del values[served.rule.key]
                values[served.effect.size] = 1000
            attempt = self._call(values)
            if attempt.description not in targets:
                targets.add(attempt.description)
                yield attempt

    def _different_records(self, rule: RecordLocator) -> Iterator[Record]:
        """Yield the records that would show something new, and the first one of each parent."""
        served = self._served
        shown = 0
        parents: set[str] = set()
        for record in islice(self._records.values(), MAX_RECORDS):
            bits = 0
            if served.envelope:
                body = served.envelope.wrap(served.envelope.item(record), {})
                bits = self._observer.response(served.operation.success_status or 200, body)
            parent = str(record.get(rule.parent_member or ""))
            if bits & ~shown or parent not in parents:
                yield record
            shown |= bits
            parents.add(parent)

    def _request(
        self,
        values: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Request:
        served = self._served
        target = served.api.base_path + served.template.expand(values)
        path, _, query = target.partition("?")
        query = "&".join(filter(None, (query, self._other_query(values))))
        segments: tuple[str, ...] | None = None
        if "%2F" in path:
            segments = tuple(map(unquote, path.split("/")[1:]))
        if body is None and self._payload and self._payload.body:
            body = self._payload.body.encode()
        return Request(
            served.operation.method,
            unquote(path.replace("%2F", "%252F")),
            query,
            {**self._headers(), **(headers or {})},
            body or b"",
            segments=segments,
        )

    def _other_query(self, values: Mapping[str, Any]) -> str:
        """Return the query of the documented parameters that are not in the URI template."""
        known = {*self._served.template.variables, *self._served.template.query}
        pairs: list[tuple[str, Any]] = []
        for parameter in self._served.operation.parameters:
            name = parameter.name
            if parameter.location == "query" and name in values and name not in known:
                pairs.append((name, values[name]))
        return urlencode(pairs)

    def _headers(self) -> dict[str, str]:
        """Return the headers of the documented request, and a token."""
        headers = dict.fromkeys(self._served.headers, "any")
        if self._payload:
            for name, value in self._payload.headers:
                if name.lower() in headers and value:
                    headers[name.lower()] = value
            if self._payload.content_type:
                headers["content-type"] = self._payload.content_type
        if self._served.access_token:
            headers[self._served.access_token] = "any"
        return headers


def _line(request: Request) -> str:
    """Return the method and the target of a request."""
    target = request.path
    if request.query:
        target += f"?{request.query}"
    return f"{request.method} {target}"


def _request_payload(served: ServedOperation) -> Payload | None:
    """Return the documented request of the first success response, else the first request."""
    transactions = served.operation.transactions
    for transaction in transactions:
        if 200 <= transaction.status < 300:
            return transaction.request
    return transactions[0].request if transactions else None


def _example_values(served: ServedOperation, records: Mapping[str, Record]) -> dict[str, Any]:
    """Return the documented values of the path variables and the required query variables."""
    values = example_values(served, records)
    for parameter in served.operation.parameters:
        if parameter.location == "query" and parameter.required:
            values[parameter.name] = _query_value(parameter)
    return values


def _query_value(parameter: Parameter) -> Any:
    candidates = (parameter.example, parameter.default, *parameter.values, _VALUES[parameter.type])
    return next(value for value in candidates if value is not None)


_ABSENT = object()


def _changes(place: Place) -> Iterator[tuple[str, Any]]:
    """Yield the changes at a place of a body, each with its description and the value."""
    if place.has_absent:
        yield f"leave {place.pointer} out of the body", _ABSENT
    if place.shape.null:
        yield f"send null at {place.pointer or 'the body'}", None
    for value in place.values:
        yield f"send {value_word(value)} at {place.pointer or 'the body'}", value


def _changed(body: Any, steps: list[str], value: Any) -> Any:
    """Return a body with another value at a place; `None` if the body does not have the place."""
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(body, list) and body:
        return [_changed(body[0], rest, value), *body[1:]]
    if not isinstance(body, dict):
        return None
    changed = dict(body)
    if rest:
        changed[first] = _changed(body.get(first), rest, value)
        if changed[first] is None:
            return None
    elif value is _ABSENT:
        changed.pop(first, None)
    else:
        changed[first] = value
    return changed
