"""One action -> one operation: its URI template and parameters, its required features, its transactions.

Source: API Blueprint 1A, "Action section"; that an action's text names required features is this project's own convention.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from mockserver.errors import Position
from mockserver.formats import uri_template
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.blueprint.mson_line import strip_backticks
from mockserver.spec.blueprint.parameters import read_parameters, template_parameters
from mockserver.spec.blueprint.payloads import Payloads
from mockserver.spec.blueprint.sections import Section
from mockserver.spec.description import BODILESS, DataType, Operation, Parameter, Payload, Transaction

MAX_TRANSACTIONS = 1000
"""Of one run of requests and the responses behind it: a few thousand of each would make millions."""

_FEATURES = re.compile(r"required features?(?:\s*\(one of\))?\s*:\s*(?P<names>.*)", re.IGNORECASE)
_STATUS = re.compile(r"[1-5][0-9]{2}")


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action has from the resource that it stands in, and that from its group."""

    group: str
    name: str = ""
    description: str = ""
    template: UriTemplate | None = None
    """`None` where an action brings its own, and where it could not be read."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


def read_action(payloads: Payloads, section: Section, resource: Resource) -> Operation | None:
    """The operation of an action, its id left empty; `None` where its URI template cannot be read.

    What is wrong goes to the source's faults.
    """
    own = read_parameters(payloads.source, payloads.types, section.subsections("parameters"))
    transactions = tuple(_transactions(payloads, section))
    template = read_template(payloads, section) if section.capture("uri") else resource.template
    if template is None:
        return None
    check_used(payloads, own, [template])
    name = section.capture("name") or f"{section.capture('method')} {template.text.split('{?')[0]}"
    return Operation(
        id="",
        name=name,
        method=section.capture("method"),
        uri_template=template.text,
        group=resource.group,
        resource=resource.name,
        description=payloads.source.text(section.blocks),
        parameters=template_parameters(template, {**resource.parameters, **own}, section.position),
        required_features=_features(payloads, section),
        transactions=transactions,
        position=section.position,
        resource_description=resource.description,
        relation=next((each.capture("relation") for each in section.subsections("relation")), ""),
    )


def read_template(payloads: Payloads, section: Section) -> UriTemplate | None:
    """The URI template in a heading; `None`, and a fault, for one that cannot be read."""
    try:
        return uri_template.parse_template(section.capture("uri"))
    except ValueError as error:
        payloads.source.add_error(section.capture_position("uri"), str(error))
        return None


def check_used(payloads: Payloads, parameters: Mapping[str, Parameter], templates: list[UriTemplate]) -> None:
    """Refuse the parameters that are in none of the templates."""
    variables = list(dict.fromkeys(name for template in templates for name in template.variables))
    known = " or ".join(variables) or "none, since it has no variable"
    for parameter in parameters.values():
        if parameter.name not in variables:
            message = f"the parameter {parameter.name[:60]!r} is not in the URI template; expected {known}"
            payloads.source.add_error(parameter.position, message)


def _features(payloads: Payloads, section: Section) -> tuple[str, ...]:
    """The features that the text names, behind `Required feature:` or in the list below `Required feature (one of):`."""
    features: list[str] = []
    for index, block in enumerate(section.blocks):
        lines = block.text.split("\n") if block.kind == "paragraph" else []
        for found in filter(None, (_FEATURES.fullmatch(line.strip()) for line in lines)):
            listed = list(takewhile(lambda each: each.kind == "item", section.blocks[index + 1 :]))
            named = found["names"].split(",") if found["names"] else [item.text for item in listed]
            features += filter(None, map(strip_backticks, named))
            for item in [each for each in listed if each.children and not found["names"]]:
                message = f"unexpected content in the feature {item.text[:60]}; expected only its name"
                payloads.source.add_error(item.children[0].position, message)
            if not named:
                payloads.source.add_error(
                    block.position, "missing name of the required feature; expected it after the colon, or a list of names"
                )
    return tuple(dict.fromkeys(features))


def _transactions(payloads: Payloads, section: Section) -> Iterator[Transaction]:
    """Each request with the responses that follow it, up to the next request; requests in a row share theirs."""
    data = next((payloads.attributes(each) for each in section.subsections("attributes")), None)
    for requests, responses in _examples(section):
        count = max(len(requests), 1) * len(responses)
        if not 0 < count <= MAX_TRANSACTIONS:
            _refuse_count(payloads, section, requests, count)
            continue
        asked: list[Payload | None] = [_request(payloads.read(request), data) for request in requests]
        answers = [answer for response in responses if (answer := _response(payloads, response))]
        if not answers:
            message = f"the action {section.text[:60]} has no final response here; expected one with a status from 200 to 599"
            payloads.source.add_error(responses[0].position, message)
        for request in asked or [_implied(data, section.position)]:
            yield from (Transaction(request, payload, status) for payload, status in answers)


def _refuse_count(payloads: Payloads, section: Section, requests: list[Section], count: int) -> None:
    at = requests[-1].position if requests else section.position
    name = section.text[:60]
    if count:
        message = f"the action {name} has {count} pairs of request and response; expected at most {MAX_TRANSACTIONS}"
    else:
        message = f"the action {name} has no response here; expected `+ Response STATUS (MEDIA TYPE)` in it"
    payloads.source.add_error(at, message)


def _examples(section: Section) -> list[tuple[list[Section], list[Section]]]:
    """The requests and responses of an action, as they go together; one such pair of lists at least."""
    examples: list[tuple[list[Section], list[Section]]] = [([], [])]
    for part in section.subsections("request", "response"):
        requests, responses = examples[-1]
        if part.kind == "response":
            responses.append(part)
        elif responses:
            examples.append(([part], []))
        else:
            requests.append(part)
    return examples


def _request(payload: Payload, data: DataType | None) -> Payload:
    return payload if payload.data else replace(payload, data=data)


def _implied(data: DataType | None, at: Position) -> Payload | None:
    """The request of an action that shows none, but has attributes: they are its request's."""
    return Payload("", None, (), None, None, data, "", at) if data else None


def _response(payloads: Payloads, section: Section) -> tuple[Payload, int] | None:
    """Return a response and its status; `None` for one that is not final. One that can have no body is read without one."""
    payload, status = payloads.read(section), _status(payloads, section)
    if status < 200:
        message = f"a response with status {status} is not final (RFC 9110, section 15.2); it is not sent"
        payloads.source.add_warning(section.capture_position("status"), message)
        return None
    if status not in BODILESS:
        return payload, status
    if payload.shows_body:
        message = f"a response with status {status} has no body (RFC 9110); the body shown here is not sent"
        payloads.source.add_warning(payload.body_position or payload.position, message)
    return replace(payload, content_type=None, body=None, schema=None, data=None, body_position=None), status


def _status(payloads: Payloads, section: Section) -> int:
    # API Blueprint 1A: a response that names no status is a 200.
    text = section.capture("status") or "200"
    if _STATUS.fullmatch(text):
        return int(text)
    payloads.source.add_error(
        section.capture_position("status"), f"invalid status {text[:60]!r}; expected a number from 100 to 599"
    )
    return 200
