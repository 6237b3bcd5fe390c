"""The differences of two contracts."""
