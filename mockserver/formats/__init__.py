"""Formats and standards, without policy of this project.

YAML, JSON and JSON Schema, URI templates, HTTP headers and bodies.
"""
