"""`mockserver openapi`: print the OpenAPI 3.1 document."""

import argparse

import orjson

from mockserver.cli.blueprints.sources import contract_source
from mockserver.cli.message_formats import print_messages
from mockserver.cli.options import CONTRACT, add_settings, settings_of
from mockserver.cli.streams import print_utf8
from mockserver.contract.openapi import openapi


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and folders of the contract."""
    add_settings(parser, CONTRACT)


def run(args: argparse.Namespace) -> int:
    """Print the document as JSON. It is UTF-8 in every locale (RFC 8259, section 8.1)."""
    loaded = contract_source(settings_of(args)).load()
    print_messages(loaded.messages)
    document = orjson.dumps(openapi(loaded), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    print_utf8(document)
    return 0
