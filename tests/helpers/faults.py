"""The network faults, as the documents list them."""

TITLES = {
    "reset": "The connection is reset before the server responds.",
    "empty": "The connection is closed without a response.",
    "reset-in-body": "The connection is reset in the middle of the body.",
    "truncated": "The connection is closed before the whole body is sent.",
    "malformed-json": "Half of the body is sent, with a matching length.",
    "endless": "The body is sent in chunks, and the last chunk is never sent.",
    "slow": "The body is sent slowly, a few bytes at a time.",
    "too-many-requests": "A 429 page asks the client to try again later.",
    "internal-server-error": "A 500 page reports that the server failed.",
    "bad-gateway": "A proxy's 502 page reports an invalid upstream response.",
    "service-unavailable": "A proxy's 503 page reports that the upstream server is unavailable.",
}
"""Fault to its title."""
