"""Sections at a wrong level, with small mistakes, or in unusual forms, and how they are read."""

import pytest

from mockserver.errors import InvalidFiles
from mockserver.spec import blueprint

RESOURCE = "# A\n\n## T [/t/{id}]\n\n"
ACTION = RESOURCE + "### L [GET]\n\n"
OK = '+ Response 200 (application/json)\n\n        {"a": 1}\n'

# Name of the case to the blueprint, the codes of its messages, and its transactions.
CASES: dict[str, tuple[str, list[str], list[str]]] = {
    "headers in a resource": (
        RESOURCE
        + "+ Headers\n\n        X-R: 1\n\n"
        + "### L [GET]\n\n+ Request\n\n        hi\n\n"
        + OK,
        [],
        ['GET /t/{id} 200 application/json X-R=1 {"a": 1}'],
    ),
    "headers after a response": (
        ACTION + OK + "\n+ Headers\n\n        X-R: 1\n",
        [],
        ['GET /t/{id} 200 application/json X-R=1 {"a": 1}'],
    ),
    "headers of a response replace those of the action": (
        ACTION
        + "+ Headers\n\n        X-R: 1\n\n"
        + "+ Response 200\n    + Headers\n\n            X-R: 2\n",
        [],
        ["GET /t/{id} 200 - X-R=2 -"],
    ),
    "body next to its response": (
        ACTION + '+ Response 200 (application/json)\n\n+ Body\n\n        {"a": 1}\n',
        ["B120"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "body without a response before it": (
        ACTION + '+ Body\n\n        {"a": 1}\n\n+ Response 200\n',
        ["B113"],
        ["GET /t/{id} 200 - -"],
    ),
    "schema next to its response": (
        ACTION
        + "+ Response 200 (application/json)\n\n    + Body\n\n"
        + '            {"a": 1}\n\n+ Schema\n\n        {"type": "object"}\n',
        ["B120"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "response in a request": (
        ACTION
        + "+ Request (application/json)\n\n    + Body\n\n"
        + '            {}\n\n    + Response 200 (application/json)\n\n            {"a": 1}\n',
        ["B120"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "parameters in a request": (
        ACTION + "+ Request\n    + Parameters\n        + id: 5 (string)\n\n" + OK,
        [],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "parameters in a response": (
        ACTION + "+ Response 200\n    + Parameters\n        + id: 5 (string)\n",
        ["B113"],
        ["GET /t/{id} 200 - -"],
    ),
    "body in the headers": (
        ACTION
        + "+ Response 200 (application/json)\n    + Headers\n\n"
        + '            X-A: 1\n        + Body\n\n                {"a": 1}\n',
        ["B120"],
        ['GET /t/{id} 200 application/json X-A=1 {"a": 1}'],
    ),
    "reason after a status": (
        ACTION + "+ Response 404 Not Found (application/json)\n\n        {}\n",
        ["B510"],
        ["GET /t/{id} 404 application/json {}"],
    ),
    "colon after a status": (
        ACTION + "+ Response 200: fine (application/json)\n\n        {}\n",
        ["B510"],
        ["GET /t/{id} 200 application/json {}"],
    ),
    "status after the media type": (
        ACTION + "+ Response (application/json) 200\n\n        {}\n",
        ["B510"],
        ["GET /t/{id} 200 application/json {}"],
    ),
    "media type in square brackets": (
        ACTION + "+ Response 200 [application/json]\n\n        {}\n",
        ["B510"],
        ["GET /t/{id} 200 application/json {}"],
    ),
    "media type without brackets": (
        ACTION + "+ Response 200 application/json\n\n        {}\n",
        ["B510"],
        ["GET /t/{id} 200 application/json {}"],
    ),
    "text after the media type": (
        ACTION + "+ Response 200 (application/json) - OK\n\n        {}\n",
        ["B510"],
        ["GET /t/{id} 200 application/json {}"],
    ),
    "class of a status": (
        ACTION + "+ Response 4xx\n",
        ["B506"],
        ["GET /t/{id} 400 - -"],
    ),
    "word as a status": (
        ACTION + "+ Response OK\n",
        ["B506"],
        ["GET /t/{id} 200 - -"],
    ),
    "two statuses": (
        ACTION + "+ Response 200/201\n",
        ["B506"],
        ["GET /t/{id} 200 - -"],
    ),
    "unclosed media type": (
        ACTION + "+ Response 200 (application/json\n\n        {}\n",
        ["B510"],
        ["GET /t/{id} 200 application/json {}"],
    ),
    "brackets in the name of a request": (
        ACTION + "+ Request Create (admin) (application/json)\n\n        {}\n\n" + OK,
        ["B510"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "text after a request": (
        ACTION + "+ Request (application/json) - text\n\n        {}\n\n" + OK,
        ["B510"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "misspelled response": (
        ACTION + "+ Respone 200\n\n        x\n",
        ["B510"],
        ["GET /t/{id} 200 - x"],
    ),
    "numbered list": (
        ACTION + '1. Response 200 (application/json)\n\n        {"a": 1}\n',
        [],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "headings without a space": (
        "#A\n\n##T [/t]\n\n###L [GET]\n\n" + OK,
        ["B121", "B121"],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "item without a space": (
        ACTION + '+Response 200 (application/json)\n\n        {"a": 1}\n',
        ["B122"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "group without a name": (
        "# A\n\n# Group\n\n## T [/t]\n\n### L [GET]\n\n" + OK,
        [],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "resource named Group": (
        "# A\n\n## Group [/groups/{id}]\n\n### L [GET]\n\n" + OK,
        [],
        ['GET /groups/{id} 200 application/json {"a": 1}'],
    ),
    "two methods": (
        RESOURCE + "### L [GET, POST]\n\n" + OK,
        ["B118"],
        ['GET /t/{id} 200 application/json {"a": 1}', 'POST /t/{id} 200 application/json {"a": 1}'],
    ),
    "method in lower case": (
        RESOURCE + "### L [get]\n\n" + OK,
        ["B110"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "method in lower case with a path": (
        "# A\n\n# get /t\n\n" + OK,
        ["B110"],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "method in lower case as a heading": (
        RESOURCE + "### Get\n\n" + OK,
        ["B110"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "method as a heading of a description": (
        RESOURCE + "### get\n\ntext\n",
        ["B101", "B117"],
        [],
    ),
    "comments in headings": (
        "# A\n\n## T [/t] <!-- c -->\n\n### L [GET] <!-- x -->\n\n" + OK,
        [],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "text after brackets": (
        "# A\n\n## T [/t] - the t\n\n### L [GET] (deprecated)\n\n" + OK,
        ["B119", "B119"],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "unclosed bracket of a resource": (
        "# A\n\n## T [/t\n\n### L [GET]\n\n" + OK,
        ["B109"],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "unclosed bracket of an action": (
        RESOURCE + "### L [GET\n\n" + OK,
        ["B109"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "two closing brackets": (
        "# A\n\n## T [/t]]\n\n### L [GET]]\n\n" + OK,
        ["B109", "B109"],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "response in a resource": (
        RESOURCE + "### L (GET)\n\n" + OK,
        ["B123"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "response in a resource with actions": (
        RESOURCE + "+ Response 200\n\n        x\n\n### L [GET]\n\n" + OK,
        ["B126"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "brackets in a URI": (
        "# A\n\n## T [/t?filter[x]=1]\n\n### L [GET]\n\n" + OK,
        [],
        ['GET /t?filter[x]=1 200 application/json {"a": 1}'],
    ),
    "path without a slash": (
        "# A\n\n## L [GET t/{id}]\n\n" + OK,
        ["B209"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "escaped brackets": (
        "# A\n\n## T \\[/t\\]\n\n### L \\[GET\\]\n\n" + OK,
        [],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "text after a response": (
        ACTION + OK + "\ntext after\n\n+ Response 404\n",
        ["B112"],
        ['GET /t/{id} 200 application/json {"a": 1}', "GET /t/{id} 404 - -"],
    ),
    "JSON after a response": (
        ACTION + '+ Response 200 (application/json)\n\n{\n  "a": 1\n}\n',
        ["B302"],
        ['GET /t/{id} 200 application/json { "a": 1 }'],
    ),
    "fenced code after a response": (
        ACTION + '+ Response 200 (application/json)\n\n```json\n{"a": 1}\n```\n',
        ["B302"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "fenced code after headers": (
        ACTION
        + "+ Response 200 (application/json)\n    + Headers\n\n"
        + '            X: 1\n\n    ```json\n    {"a": 1}\n    ```\n',
        ["B302"],
        ['GET /t/{id} 200 application/json X=1 {"a": 1}'],
    ),
    "code before headers": (
        ACTION + OK + "\n    + Headers\n\n            X: 1\n",
        ["B302"],
        ['GET /t/{id} 200 application/json X=1 {"a": 1}'],
    ),
    "fenced code after a body section": (
        ACTION
        + '+ Response 200 (application/json)\n    + Body\n    ```json\n    {"a": 1}\n    ```\n',
        ["B302"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "fenced code after a response with an empty body section": (
        ACTION + "+ Response 200 (application/json)\n    + Body\n\n" + '```json\n{"a": 1}\n```\n',
        ["B302"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "JSON between paragraphs": (
        ACTION
        + "+ Response 200 (application/json)\n\n    text before\n\n"
        + '    ```json\n    {"a": 1}\n    ```\n\n    text after\n',
        [],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "sections that are indented like code": (
        ACTION
        + '    + Response 200 (application/json)\n\n            {"a": 1}\n\nText.\n\n    + a\n',
        ["B114", "B112", "B113"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "sections that are indented like code by spaces and tabs": (
        ACTION + "Text.\n\n    + Response 200\n\t+ Response 204\n",
        ["B114"],
        ["GET /t/{id} 200 - -", "GET /t/{id} 204 - -"],
    ),
    "empty code after headers": (
        ACTION + "+ Response 200\n    + Headers\n\n            X: 1\n\n    ```\n    ```\n",
        ["B112"],
        ["GET /t/{id} 200 - X=1 -"],
    ),
    "headers of a model and a response": (
        '# A\n\n## T [/t]\n\n+ Model (application/json)\n\n        {"a": 1}\n\n'
        + "### L [GET]\n\n+ Response 200\n\n    [T][]\n\n    + Headers\n\n            X: 1\n",
        [],
        ['GET /t 200 application/json X=1 {"a": 1}'],
    ),
    "model in another case": (
        "# A\n\n## T [/t]\n\n+ Model (application/json)\n\n"
        + '        {"a": 1}\n\n### L [GET]\n\n+ Response 200\n\n    [t][]\n',
        [],
        ['GET /t 200 application/json {"a": 1}'],
    ),
    "two body sections": (
        ACTION
        + '+ Response 200 (application/json)\n    + Body\n\n            {"a":1}\n\n'
        + '    + Body\n\n            {"b":1}\n',
        ["B301"],
        ['GET /t/{id} 200 application/json {"b":1}'],
    ),
    "unclosed HTML": (
        ACTION + "<pre>\n\n" + OK,
        ["B116"],
        ['GET /t/{id} 200 application/json {"a": 1}'],
    ),
    "unclosed code": (
        ACTION + "```\nfoo\n\n" + OK + "\n## U [/u]\n\n### L [GET]\n\n" + OK,
        ["B115"],
        ['GET /t/{id} 200 application/json {"a": 1}', 'GET /u 200 application/json {"a": 1}'],
    ),
    "heading in a body": (
        ACTION
        + "+ Response 200 (text/markdown)\n\n"
        + "    ```\n    # Title\n    ## X [/x]\n    ```\n",
        [],
        ["GET /t/{id} 200 text/markdown # Title ## X [/x]"],
    ),
    "rules between responses": (
        ACTION + "---\n\n" + OK + "\n---\n\n+ Response 404\n",
        [],
        ['GET /t/{id} 200 application/json {"a": 1}', "GET /t/{id} 404 - -"],
    ),
}


def transactions(text: str) -> tuple[list[str], list[str]]:
    """Return the codes of the messages, and a line for each transaction."""
    try:
        api = blueprint.parse_blueprint(text, "f", "x")
    except InvalidFiles as error:
        return [message.code for message in error.errors], []
    lines = []
    for operation in api.operations:
        for transaction in operation.transactions:
            response = transaction.response
            words = [operation.method, operation.uri_template, str(transaction.status)]
            words.append(response.content_type or "-")
            words += [f"{name}={value}" for name, value in response.headers]
            words += (response.body or "-").split()
            lines.append(" ".join(words))
    return [message.code for message in api.messages], lines


@pytest.mark.parametrize(("text", "codes", "lines"), CASES.values(), ids=CASES)
def test_a_section_is_read_as_its_author_meant_it(
    text: str, codes: list[str], lines: list[str]
) -> None:
    assert transactions(text) == (codes, lines)
