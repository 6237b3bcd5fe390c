"""Compare the responses of two operations: statuses, then the responses of each common status."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockserver.spec.description import Operation, Payload, media_type
from mockserver.verification.diff.bodies import (
    are_undecided,
    example_findings,
    json_findings,
    json_first,
    other_schema_findings,
    parameter_changes,
    type_names,
    types_of,
)
from mockserver.verification.diff.findings import Finding, Touch
from mockserver.verification.diff.matching import OperationPair
from mockserver.verification.diff.schema_findings import RESPONSE, Body, Comparison

_DOCUMENTED = "documented"
_UNDOCUMENTED = "not documented"


def response_findings(pair: OperationPair) -> Iterator[Finding]:
    """Yield the changes of the responses: statuses, then the responses of each common status."""
    for status in pair.old.statuses:
        if status not in pair.new.statuses:
            yield _status_removed(pair, status)
    for status in pair.new.statuses:
        if status not in pair.old.statuses:
            yield _status_added(pair, status)
    for status in pair.old.statuses:
        if status in pair.new.statuses:
            yield from _Responses(pair, status).findings()


def _status_removed(pair: OperationPair, status: int) -> Finding:
    rule = "STATUS-REMOVED"
    if status >= 400:
        rule = "ERROR-REMOVED"
    position = pair.old.json_response(status).position
    touch = Touch((str(status),))
    return Finding(
        rule, str(status), _DOCUMENTED, _UNDOCUMENTED, position, touch=touch, status=status
    )


def _status_added(pair: OperationPair, status: int) -> Finding:
    variant = ""
    if status >= 400:
        variant = "error"
    position = pair.new.json_response(status).position
    texts = (_UNDOCUMENTED, _DOCUMENTED)
    return Finding(
        "STATUS-ADDED",
        str(status),
        *texts,
        new_position=position,
        variant=variant,
        status=status,
    )


@dataclass(frozen=True, slots=True)
class _Responses:
    """The responses of one status on both sides."""

    pair: OperationPair
    status: int

    @property
    def old(self) -> list[Payload]:
        return _responses(self.pair.old, self.status)

    @property
    def new(self) -> list[Payload]:
        return _responses(self.pair.new, self.status)

    def findings(self) -> Iterator[Finding]:
        findings = [
            *self._types(),
            *self._parameters(),
            *self._schemas(),
            *self._headers(),
        ]
        yield from findings
        yield from self._names()
        if not findings:
            touch = Touch((str(self.status),))
            yield from example_findings(str(self.status), touch, self.old, self.new)

    def _types(self) -> Iterator[Finding]:
        old_types, new_types = types_of(self.old), types_of(self.new)
        if not new_types or not old_types:
            yield from self._without_bodies(old_types, new_types)
            return
        if are_undecided(old_types, new_types):
            yield self._finding("UNDECIDED", "", type_names(old_types), type_names(new_types))
            return
        for name, payload in old_types.items():
            if name not in new_types:
                yield self._finding("RES-TYPE-REMOVED", "", name, "", old=payload)
        if old_types.keys() < new_types.keys():
            for name, payload in new_types.items():
                if name not in old_types:
                    yield self._finding("UNDECIDED", "", "", name, new=payload)

    def _without_bodies(
        self, old_types: Mapping[str, Payload], new_types: Mapping[str, Payload]
    ) -> Iterator[Finding]:
        """Yield a finding if the only media types are gone or new. `_schemas` finds bodies."""
        has_body = any(payload.documents_body for payload in (*self.old, *self.new))
        if old_types.keys() != new_types.keys() and not has_body:
            yield self._finding("UNDECIDED", "", type_names(old_types), type_names(new_types))

    def _parameters(self) -> Iterator[Finding]:
        for old, new in parameter_changes(self.old, self.new):
            texts = (old.content_type or "", new.content_type or "")
            yield self._finding("UNDECIDED", "", *texts, old, new)

    def _finding(
        self,
        rule: str,
        part: str,
        old_text: str,
        new_text: str,
        old: Payload | None = None,
        new: Payload | None = None,
        variant: str = "",
    ) -> Finding:
        old_payload, new_payload = old or self.old[0], new or self.new[0]
        return Finding(
            rule,
            f"{self.status} {part}".strip(),
            old_text,
            new_text,
            old_payload.position,
            new_payload.position,
            variant,
            Touch((str(self.status),)),
            status=self.status,
        )

    def _schemas(self) -> Iterator[Finding]:
        old = [response for response in self.old if response.documents_body]
        new = [response for response in self.new if response.documents_body]
        if not old and not new:
            return
        if old and new:
            yield from self._necessity()
            yield from self._body_findings(old, new)
        elif types_of(self.old).keys() == types_of(self.new).keys():
            yield self._finding("UNDECIDED", "", _body_text(old), _body_text(new))
        elif not types_of(self.new):
            yield self._finding("RES-REQUIRED-LOST", "", "a body", "no body")
        elif not types_of(self.old):
            yield self._finding("RES-ADDED", "", "no body", "a body", variant="required")

    def _necessity(self) -> Iterator[Finding]:
        """Yield a finding if only one side has responses without a body."""
        was_optional, is_optional = _has_bodiless(self.old), _has_bodiless(self.new)
        if is_optional and not was_optional:
            yield self._finding("RES-REQUIRED-LOST", "", "a required body", "an optional body")
        if was_optional and not is_optional:
            yield self._finding("RES-NARROWED", "", "an optional body", "a required body")

    def _body_findings(self, old: list[Payload], new: list[Payload]) -> Iterator[Finding]:
        pair = self.pair
        old_key, new_key = (pair.old.id, self.status), (pair.new.id, self.status)
        old_body = Body(
            pair.old_api.api, json_first(old), pair.old_api.schema_files.get(old_key, "")
        )
        new_body = Body(
            pair.new_api.api, json_first(new), pair.new_api.schema_files.get(new_key, "")
        )
        comparison = Comparison(RESPONSE, str(self.status), self.status, old_body, new_body)
        old_schema = pair.old_api.responses.get(old_key)
        new_schema = pair.new_api.responses.get(new_key)
        yield from json_findings(comparison, (old, new), (old_schema, new_schema))
        yield from other_schema_findings(comparison, old, new)

    def _headers(self) -> Iterator[Finding]:
        old, new = _common_headers(self.old), _common_headers(self.new)
        for name in sorted(old - new):
            yield self._finding("RES-HEADER-LOST", f"header {name}", name, "")
        for name in sorted(_all_headers(self.old) - _all_headers(self.new) - old):
            yield self._finding("RES-REMOVED", f"header {name}", name, "")
        for name in sorted(new - _all_headers(self.old)):
            yield self._finding("RES-ADDED", f"header {name}", "", name, variant="required")

    def _names(self) -> Iterator[Finding]:
        """Yield a finding for each name that is gone, with the new name in its place."""
        old = _labels(self.pair.old, self.status)
        new = _labels(self.pair.new, self.status)
        gone = [name for name in old if name not in new]
        added = [name for name in new if name not in old]
        for index, name in enumerate(gone):
            other = ""
            if index < len(added):
                other = added[index]
            yield self._finding("RESPONSE-RENAMED", "", name, other)


def _responses(operation: Operation, status: int) -> list[Payload]:
    return [transaction.response for transaction in operation.transactions_for(status)]


def _has_bodiless(payloads: Iterable[Payload]) -> bool:
    """Return whether a response has no body. With a media type, its body is undocumented."""
    for payload in payloads:
        if not payload.documents_body and not media_type(payload.content_type):
            return True
    return False


def _body_text(payloads: Sequence[Payload]) -> str:
    if payloads:
        return "a documented body"
    return "no documented body"


def _common_headers(payloads: Iterable[Payload]) -> set[str]:
    """Return the headers that each response has, in lower case."""
    common: set[str] | None = None
    for payload in payloads:
        names = {name.lower() for name, _ in payload.headers}
        if common is None:
            common = names
        common &= names
    return common or set()


def _all_headers(payloads: Iterable[Payload]) -> set[str]:
    names: set[str] = set()
    for payload in payloads:
        names |= {name.lower() for name, _ in payload.headers}
    return names


def _labels(operation: Operation, status: int) -> list[str]:
    labels = [transaction.label for transaction in operation.transactions_for(status)]
    return list(dict.fromkeys(filter(None, labels)))
