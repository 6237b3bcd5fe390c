"""Blueprints that are served without folders of schemas and fixtures: `mockserver serve FILE`."""
