"""The positions of members in the blueprint: named types, lists, variable names and recursion."""

from mockserver.contract.coverage.positions import member_positions
from mockserver.spec.blueprint import parse_blueprint

BLUEPRINT = """# Comments
## Comments [/comments]
### List Comments [GET]
+ Response 200 (application/json)
    + Attributes
        + comments (array[Comment])
        + colors
            + *name* (string)

# Data Structures
## Comment
+ id (number)
+ replies (array[Comment])
"""


def test_a_member_has_the_line_of_its_declaration() -> None:
    api = parse_blueprint(BLUEPRINT, "comments.apib", "comments")
    responses = [transaction.response for transaction in api.operations[0].transactions]
    positions = member_positions(api, responses)
    assert {pointer: position.line for pointer, position in positions.items()} == {
        "/comments": 6,
        "/comments/*": 6,
        "/comments/*/id": 12,
        "/comments/*/replies": 13,
        "/comments/*/replies/*": 13,
        "/comments/*/replies/*/id": 12,
        "/comments/*/replies/*/replies": 13,
        "/comments/*/replies/*/replies/*": 13,
        "/colors": 7,
        "/colors/*": 8,
    }
