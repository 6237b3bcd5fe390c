"""Print what the reader finds in each blueprint below a folder: one JSON object a line.

python tests/conformance/facts.py FOLDER

Facts of another parser in the same form can be compared with it.
"""

import json
import sys
from pathlib import Path
from typing import Any

from mockserver.errors import InvalidFiles
from mockserver.spec.blueprint import read_blueprint
from mockserver.spec.description import Api, Operation, Parameter, Payload, Scalar


def payload_facts(payload: Payload | None) -> dict[str, Any]:
    """Return the headers, content type, body and schema of a payload."""
    if payload is None:
        return {"headers": [], "body": None}
    headers = [list(header) for header in payload.headers]
    if payload.content_type:
        headers.insert(0, ["Content-Type", payload.content_type])
    return {
        "headers": headers,
        "contentType": payload.content_type,
        "body": payload.body,
        "schema": payload.schema,
    }


def value_fact(value: Scalar) -> Scalar:
    """Return an example or a default. A boolean is a text, as in the blueprint."""
    if isinstance(value, bool):
        return str(value).lower()
    return value


def parameter_facts(parameter: Parameter) -> dict[str, Any]:
    """Return a parameter."""
    return {
        "name": parameter.name,
        "required": parameter.required,
        "type": parameter.type,
        "example": parameter.unfit_example or value_fact(parameter.example),
        "default": parameter.unfit_default or value_fact(parameter.default),
        "values": list(parameter.values) or None,
    }


def documented_parameters(operation: Operation) -> list[Parameter]:
    """Return the parameters that the blueprint documents, and does not only name in a URI."""
    return [
        parameter for parameter in operation.parameters if parameter.position != operation.position
    ]


def operation_facts(operation: Operation) -> dict[str, Any]:
    """Return an operation with its parameters and transactions."""
    transactions = []
    for transaction in operation.transactions:
        response = payload_facts(transaction.response)
        response["status"] = transaction.status
        request = payload_facts(transaction.request)
        transactions.append({"request": request, "response": response})
    return {
        "method": operation.method,
        "uri": operation.uri_template,
        "name": operation.name,
        "params": [parameter_facts(parameter) for parameter in documented_parameters(operation)],
        "transactions": transactions,
    }


def api_facts(path: Path, name: str) -> dict[str, Any]:
    """Return the facts of one file."""
    facts: dict[str, Any] = {"file": name, "errors": [], "messages": [], "operations": []}
    try:
        api: Api = read_blueprint(path, name)
    except InvalidFiles as error:
        facts["errors"] = [str(message) for message in error.errors]
        return facts
    facts["messages"] = [str(message) for message in api.messages]
    facts["operations"] = [operation_facts(operation) for operation in api.operations]
    return facts


def main() -> None:
    """Print the facts of each file below the folder in the arguments."""
    root = Path(sys.argv[1])
    for path in sorted(root.rglob("*.apib")):
        print(json.dumps(api_facts(path, path.relative_to(root).as_posix())))


if __name__ == "__main__":
    main()
