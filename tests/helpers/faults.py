"""The network faults, as the documents list them."""

TITLES = {
    "reset": "The connection is reset before anything is answered.",
    "empty": "The connection is closed without an answer.",
    "reset-in-body": "The connection is reset within the body.",
    "truncated": "The connection is closed within the body, whose full length was announced.",
    "malformed-json": "The body breaks off, and says that it is whole.",
    "endless": "The body comes in chunks, and the last one never comes.",
    "slow": "The body drips in, a few bytes at a time.",
    "too-many-requests": "Too many requests: try again later.",
    "internal-server-error": "A page that says that the server failed.",
    "bad-gateway": "A proxy's page: the server behind it answered nonsense.",
    "service-unavailable": "A proxy's page: the server behind it is away.",
}
"""Fault to its title."""
