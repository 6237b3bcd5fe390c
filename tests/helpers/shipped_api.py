"""The shipped API: its paths, operations and records, and its contract."""

import functools

from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract import loader
from mockserver.contract.model import Contract

TOKEN = {"X-Access-Token": "1234567890abcdef"}
BUSY = "5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32"
"""The id of the push notification with most exports."""
TRASHED = "983d437d-eac6-423b-beb5-40a619be332f"
EXPORTS = f"/api/push_notifications/{BUSY}/exports"
TRASH = "/api/push_notifications/trash"

LIST_EXPORTS = "list-all-push-notification-segment-exports"
RETRIEVE = "retrieve-a-push-notification-segment-export"
CANCEL = "cancel-push-notification-segment-export"
LIST_TRASH = "list-all-trashed-push-notifications"
RESTORE = "restore-a-trashed-push-notification"

load_from_files = loader.load_contract
"""The original function of the loader, which a fixture of conftest.py replaces."""


@functools.cache
def shipped_contract() -> Contract:
    """Return the shipped contract. It is immutable, so all tests of a process share it."""
    return load_from_files(SCHEMAS, FIXTURES)
