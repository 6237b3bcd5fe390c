"""`mockserver openapi`: print the OpenAPI 3.1 document."""

import argparse
import sys
from io import TextIOWrapper

import orjson

from mockserver.contract import loader
from mockserver.contract.openapi import openapi


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(args: argparse.Namespace) -> int:
    """Print the document as JSON. It is UTF-8 in every locale (RFC 8259, section 8.1)."""
    loaded = loader.load_contract(args.schemas, args.fixtures)
    document = orjson.dumps(openapi(loaded), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.buffer.write(document)
    else:
        sys.stdout.write(document.decode())
    return 0
