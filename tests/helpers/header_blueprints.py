"""Blueprints with documented response headers."""

from helpers.generated_apis import ONE_ACTION


def blueprint_with_headers(*headers: str, body: str = '{"id": 5}', status: int = 200) -> str:
    """Return a blueprint whose only response documents these headers.

    The first header is line 13, and starts in column 13.
    """
    lines = "".join(f"            {header}\n" for header in headers)
    return (
        f"{ONE_ACTION}+ Response {status} (application/json)\n"
        f"    + Headers\n\n{lines}\n    + Body\n\n            {body}\n"
    )
