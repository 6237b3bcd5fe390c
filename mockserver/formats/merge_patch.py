"""JSON Merge Patch (RFC 7396)."""

from collections.abc import Mapping
from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` with a JSON merge patch applied (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    before = target if isinstance(target, Mapping) else {}
    after = {
        **before,
        **{name: merge_patch(before.get(name), value) for name, value in patch.items()},
    }
    return {
        name: value for name, value in after.items() if name not in patch or patch[name] is not None
    }
