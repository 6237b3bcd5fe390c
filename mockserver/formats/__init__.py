"""Formats and standards without any policy of ours: YAML, JSON and JSON Schema, URI templates, HTTP headers and bodies."""
