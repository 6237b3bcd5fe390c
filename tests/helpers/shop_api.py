"""A blueprint whose operations share paths and differ in queries and methods."""


def action_text(name: str, request: str, *parameters: str) -> str:
    """Return the blueprint of an action whose response is its name."""
    items = "".join(f"    + {parameter}\n" for parameter in parameters)
    section = f"\n+ Parameters\n{items}" if items else ""
    return f"\n## {name} [{request}]\n{section}\n+ Response 200 (text/plain)\n\n        {name}\n"


SHOP = "FORMAT: 1A\nHOST: http://h/v1\n\n# Shop\n" + "".join(
    [
        action_text("Users by name", "GET /users{?name}", "name: Ann (string, required)"),
        action_text("Users by city", "GET /users{?city}", "city: Brno (string, required)"),
        action_text("All orders", "GET /orders"),
        action_text("Some orders", "GET /orders{?state,page}"),
        action_text("New orders", "GET /orders?state=new{&page}"),
        action_text("Pages of orders", "GET /orders{?page}", "page: 1 (number, required)"),
        action_text("Add an order", "POST /orders"),
        action_text("First half", "GET /halves?x=1"),
        action_text("Second half", "GET /halves?x=2"),
        action_text("Exact half", "GET /halves?x=1&exact"),
        action_text("Flags", "GET /flags?q=a%20b&r={r}"),
        action_text("Read", "GET /files/{path}"),
        action_text("Read the list", "GET /files/list"),
        action_text("Read a version", "GET /files/{path}/{version}"),
        action_text("Look", "HEAD /files/{path}"),
        action_text("Ask", "OPTIONS /files/{path}"),
        action_text("Touch", "HEAD /touch"),
        action_text("Slashed", "GET /a%2Fb"),
        action_text("Any", "GET /{any}"),
        action_text("Special", "GET /special?x=1"),
        action_text("Renamed", "GET /renamed?user={id}", "id: 1 (number, required)"),
        action_text("Plain", "GET /renamed{?page}"),
    ]
)
