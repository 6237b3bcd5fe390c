"""`mockserver openapi`: the API description as OpenAPI 3.1."""

import argparse

import orjson

from mockserver import loading
from mockserver.openapi import openapi


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing of its own."""


def run(args: argparse.Namespace) -> int:
    """Print the document as JSON."""
    loaded = loading.load(args.schemas, args.fixtures)
    print(orjson.dumps(openapi(loaded), option=orjson.OPT_INDENT_2).decode())
    return 0
