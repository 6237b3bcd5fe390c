"""Build an operation from an action: its URI template, parameters, features and transactions.

The features in the text of an action are this project's own convention.

Source: API Blueprint 1A, "Action section", "Request section", "Response section".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mockserver.errors import Position
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.items import Section
from mockserver.spec.blueprint.markdown import Block
from mockserver.spec.blueprint.mson_line import strip_backticks
from mockserver.spec.blueprint.parameters import read_parameters
from mockserver.spec.blueprint.payloads import Payloads
from mockserver.spec.blueprint.template_parameters import template_parameters
from mockserver.spec.blueprint.uris import check_parameter_names, read_template
from mockserver.spec.description import (
    BODILESS,
    DataType,
    Operation,
    Parameter,
    Payload,
    Transaction,
)

MAX_TRANSACTIONS = 1000
"""Maximum number of pairs of request and response in one transaction example."""

_FEATURES = re.compile(r"required features?(?:\s*\(one of\))?\s*:\s*(?P<names>.*)", re.IGNORECASE)
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)(?![0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action inherits from its resource and its group."""

    group: str
    name: str = ""
    description: str = ""
    template: UriTemplate | None = None
    """`None` if the resource has no URI template, or an invalid one."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    unused_parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """The parameters that are in the URI template of neither the resource nor an action."""
    headers: tuple[Section, ...] = ()
    """The headers of all requests and responses of the resource."""


@dataclass(frozen=True, slots=True)
class _TransactionExample:
    """Requests, and the responses that follow them: each request goes with each response."""

    requests: list[Section] = field(default_factory=list)
    responses: list[Section] = field(default_factory=list)


def read_action(payloads: Payloads, section: Section, resource: Resource) -> Operation | None:
    """Return the operation of an action, without its id.

    `None` if its URI template is invalid, or if it has no response. Errors are added to the source.
    """
    source = payloads.source
    # The URI is that of the action, so a request's parameters only complete the action's.
    request_parameters = _request_parameters(payloads, section)
    action_parameters = read_parameters(source, payloads.types, section.subsections("parameters"))
    headers = (*resource.headers, *section.subsections("headers"))
    transactions = tuple(_Transactions(payloads, section, headers).read())
    template = resource.template
    if section.capture("uri"):
        template = read_template(payloads, section)
    if template is None or not transactions:
        source.refused.add(section.position.line)
        return None
    own_parameters = {**request_parameters, **action_parameters}
    unused = check_parameter_names(payloads, own_parameters, [template])
    method = section.capture("method")
    path = template.text.split("{?")[0]
    parameters = {**request_parameters, **resource.parameters, **action_parameters}
    return Operation(
        id="",
        name=section.capture("name") or f"{method} {path}",
        method=method,
        uri_template=template.text,
        group=resource.group,
        resource=resource.name,
        description=source.text(section.blocks),
        parameters=template_parameters(
            template, parameters, {**resource.unused_parameters, **unused}, section.position
        ),
        required_features=_required_features(payloads, section),
        transactions=transactions,
        position=section.position,
        resource_description=resource.description,
        relation=_relation(section),
    )


def _request_parameters(payloads: Payloads, section: Section) -> dict[str, Parameter]:
    """Return the parameters of an action's requests. Of several with one name, the first."""
    parameters: dict[str, Parameter] = {}
    for request in section.subsections("request"):
        own = read_parameters(payloads.source, payloads.types, request.subsections("parameters"))
        parameters = {**own, **parameters}
    return parameters


def _relation(section: Section) -> str:
    """Return the link relation of an action, or an empty string."""
    for relation in section.subsections("relation"):
        return relation.capture("relation")
    return ""


def _required_features(payloads: Payloads, section: Section) -> tuple[str, ...]:
    """Return the features that the text names.

    They follow `Required feature:`, or are listed below `Required feature (one of):`.
    """
    features: list[str] = []
    for index, block in enumerate(section.blocks):
        if block.kind != "paragraph":
            continue
        items = _items_at_start(section.blocks[index + 1 :])
        for line in block.text.split("\n"):
            match = _FEATURES.fullmatch(line.strip())
            if match:
                names = _feature_names(payloads, match["names"], items)
                if not names:
                    message = "missing name of the required feature"
                    expected = "expected it after the colon, or a list of names"
                    text = f"{message}; {expected}"
                    payloads.source.report(messages.UNNAMED_FEATURE, block.position, text)
                features += filter(None, map(strip_backticks, names))
    return tuple(dict.fromkeys(features))


def _items_at_start(blocks: Sequence[Block]) -> list[Block]:
    """Return the list items at the start of these blocks."""
    items: list[Block] = []
    for block in blocks:
        if block.kind != "item":
            break
        items.append(block)
    return items


def _feature_names(payloads: Payloads, text: str, items: list[Block]) -> list[str]:
    """Return the comma-separated names of features in a text, else the names in these items."""
    if text:
        return text.split(",")
    for item in items:
        if item.children:
            message = (
                f"unexpected content in the feature {item.text[:60]!r}; expected only its name"
            )
            position = item.children[0].position
            payloads.source.report(messages.FEATURE_CONTENT, position, message)
    return [item.text for item in items]


def _transaction_examples(section: Section) -> list[_TransactionExample]:
    """Return the transaction examples of an action: at least one, which may be empty.

    A request after a response starts another example (API Blueprint 1A, "Action section").
    """
    examples = [_TransactionExample()]
    for payload in section.subsections("request", "response"):
        if payload.kind == "response":
            examples[-1].responses.append(payload)
            continue
        if examples[-1].responses:
            examples.append(_TransactionExample())
        examples[-1].requests.append(payload)
    return examples


def _has_valid_count(payloads: Payloads, section: Section, example: _TransactionExample) -> bool:
    """Return whether an example has responses, and not too many pairs. Otherwise report it."""
    count = max(len(example.requests), 1) * len(example.responses)
    if 0 < count <= MAX_TRANSACTIONS:
        return True
    subject = f"the action {section.text[:60]!r}"
    expected = "expected `+ Response STATUS (MEDIA TYPE)` in it"
    position = [section, *example.requests][-1].position
    if count:
        expected = f"expected at most {MAX_TRANSACTIONS}"
        message = f"{subject} has {count} pairs of request and response; {expected}"
        payloads.source.report(messages.TOO_MANY_TRANSACTIONS, position, message)
    elif section.subsections("response"):
        message = f"{subject} has no response to this request; {expected}"
        payloads.source.report(messages.REQUEST_WITHOUT_RESPONSE, position, message)
    else:
        message = f"{subject} has no response; {expected}"
        payloads.source.report(messages.NO_RESPONSE, section.position, message)
    return False


def _implied_request(data: DataType | None, position: Position) -> Payload | None:
    """Return the request of an action that has attributes and no request."""
    if data is None:
        return None
    return Payload("", None, (), None, None, data, "", position)


class _Transactions:
    """Reads the transactions of one action."""

    def __init__(self, payloads: Payloads, section: Section, headers: Sequence[Section]) -> None:
        self.payloads = payloads
        self.source = payloads.source
        self.section = section
        self.headers = headers
        """The sections of headers that all requests and responses inherit."""

    def read(self) -> Iterator[Transaction]:
        """Yield each request of the action with each of its responses."""
        data: DataType | None = None
        attributes = self.section.subsections("attributes")
        if attributes:
            data = self.payloads.attributes(attributes[-1])
        for example in _transaction_examples(self.section):
            if not _has_valid_count(self.payloads, self.section, example):
                continue
            requests: list[Payload | None] = []
            requests += [self._request(request, data) for request in example.requests]
            responses = self._final_responses(example)
            if not requests:
                requests = [_implied_request(data, self.section.position)]
            for request in requests:
                for response, status in responses:
                    yield Transaction(request, response, status)

    def _final_responses(self, example: _TransactionExample) -> list[tuple[Payload, int]]:
        """Return the final responses of a transaction example, with their statuses."""
        responses = []
        for section in example.responses:
            response = self._response(section)
            if response:
                responses.append(response)
        if not responses:
            expected = "expected one with a status from 200 to 599"
            subject = f"the action {self.section.text[:60]!r}"
            message = f"{subject} has no final response here; {expected}"
            position = example.responses[0].position
            self.source.report(messages.NO_FINAL_RESPONSE, position, message)
        return responses

    def _request(self, section: Section, data: DataType | None) -> Payload:
        """Return a request. A request without attributes has those of its action."""
        payload = self.payloads.read(section, self.headers)
        if payload.data:
            return payload
        return replace(payload, data=data)

    def _response(self, section: Section) -> tuple[Payload, int] | None:
        """Return a response and its status, or `None` for a response that is not final.

        The body is removed if the status does not allow one.
        """
        payload = self.payloads.read(section, self.headers)
        status = self._status(section)
        if status < 200:
            message = f"a response with status {status} is not final (RFC 9110, section 15.2)"
            position = section.capture_position("status")
            self.source.report(messages.INFORMATIONAL_RESPONSE, position, message)
            return None
        if status not in BODILESS:
            return payload, status
        if payload.documents_body:
            message = f"a response with status {status} has no body (RFC 9110)"
            position = payload.body_position or payload.position
            self.source.report(messages.BODILESS_STATUS, position, message)
        bodiless = replace(
            payload, content_type=None, body=None, schema=None, data=None, body_position=None
        )
        return bodiless, status

    def _status(self, section: Section) -> int:
        # API Blueprint 1A, "Response section": the default is 200.
        text = section.capture("status") or "200"
        status = _STATUS.match(text)
        if not status or not text.isdecimal() or status[0] != text:
            message = f"invalid status {text[:60]!r}; expected a number from 100 to 599"
            position = section.capture_position("status")
            self.source.report(messages.INVALID_STATUS, position, message)
        if status is None:
            return 200
        return int(status[0].lower().replace("x", "0"))
