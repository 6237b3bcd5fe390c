"""The commands: their summaries, their examples, and other words for them.

Each command has a module with `add_arguments(parser)` and `run(args)`.
"""

GROUPS: dict[str, dict[str, str]] = {
    "Serve an API": {
        "serve": "Serve the API.",
        "init": "Create the schemas and fixtures of an API from its blueprint.",
        "check": "Validate blueprints, schemas, records and scenarios, and report every error.",
    },
    "Use a running server": {
        "scenario": "Switch scenarios on and off on a running server.",
        "journal": "Show the requests of a running server; fail on violations or unmatched "
        "requests.",
        "coverage": "Report which parts of the contract were served; fail if too few were.",
    },
    "Work on the contract": {
        "scenario new": "Write the file of a new scenario from a recipe.",
        "operations": "List the operations with their statuses and scenarios.",
        "diff": "Compare two contracts, and report whom each change breaks.",
        "openapi": "Print the OpenAPI 3.1 document.",
        "schemas": "Generate JSON Schema files from the blueprints.",
        "fixtures": "Generate record files from the recipes.",
    },
    "Shell": {
        "completion": "Print the completion script for a shell.",
    },
}
"""Heading to its commands with their summaries, in the order of `mockserver --help`."""

COMMANDS: dict[str, str] = {}
"""Command to its summary."""
for _commands in GROUPS.values():
    COMMANDS |= _commands

EXAMPLES: dict[str, dict[str, str]] = {
    "serve": {
        "mockserver serve": "the shipped API on http://localhost:8080",
        "mockserver serve vendor.apib --reload": "a blueprint; changes are loaded",
        "mockserver serve -p 9000 --scenario slow": "another port, and a scenario that is on",
        "mockserver serve --scenarios scenarios": "with the scenarios of your project",
    },
    "init": {
        "mockserver init vendor.apib": "write ./schemas/vendor and ./fixtures/vendor",
        "mockserver init docs/*.apib --name shop": "several files of one API",
    },
    "check": {
        "mockserver check": "check all folders",
        "mockserver check vendor.apib --strict": "warnings fail too",
        "mockserver check --scenarios scenarios": "with the scenarios of your project",
        "mockserver check --format github": "annotations for a pull request",
    },
    "scenario": {
        "mockserver scenario list": "all scenarios, and which of them are on",
        "mockserver scenario on slow": "switch one on",
        "mockserver scenario off slow --sandbox anna": "switch one off for one tester",
        "mockserver scenario new --help": "write your own",
    },
    "journal": {
        "mockserver journal": "the requests to http://localhost:8080",
        "mockserver journal --fail-on violations,unmatched,empty": "the last step of a CI job",
        "MOCKSERVER_URL=http://mock:8080 mockserver journal": "another server",
    },
    "coverage": {
        "mockserver coverage": "of the server at http://localhost:8080",
        "mockserver coverage --fail-under 80": "the last step of a CI job",
        "mockserver coverage --report html=coverage.html": "also as a page",
    },
    "scenario new": {
        "mockserver scenario new gone --recipe not-found": "each operation that documents a 404",
        "mockserver scenario new later --recipe slow --operation get-item": "one operation",
        "mockserver scenario new gone --recipe not-found --blueprint vendor.apib": "your API",
    },
    "operations": {
        "mockserver operations": "of the shipped API",
        "mockserver operations vendor.apib": "of a blueprint",
    },
    "diff": {
        "mockserver diff old.apib new.apib": "two files",
        "mockserver diff main:schemas/polls/polls.apib schemas/polls/polls.apib": "a Git branch",
        "mockserver diff v1.4:schemas schemas --format markdown": "a report for a pull request",
        "mockserver diff main:schemas schemas --used coverage.json --fail-on may": "what tests use",
    },
    "openapi": {
        "mockserver openapi vendor.apib > openapi.json": "convert a blueprint",
    },
    "schemas": {
        "mockserver schemas": "write them",
        "mockserver schemas --check": "fail if they differ from the blueprints",
    },
    "fixtures": {
        "mockserver fixtures": "write them",
        "mockserver fixtures --count exports=1000": "more records of one collection",
        "mockserver fixtures --check": "fail if they differ from the recipes",
    },
    "completion": {
        'eval "$(mockserver completion bash)"': "bash: a line of ~/.bashrc",
        "mockserver completion zsh > ~/.zfunc/_mockserver": "zsh, with ~/.zfunc in fpath",
        "mockserver completion fish > ~/.config/fish/completions/mockserver.fish": "fish",
    },
}
"""Command to its examples, each with its meaning."""

ROOT_FLAGS = ("--help", "--version")
"""The flags without a command."""

SYNONYMS = {
    "start": "serve",
    "run": "serve",
    "up": "serve",
    "mock": "serve",
    "validate": "check",
    "lint": "check",
    "verify": "check",
    "create": "init",
    "new": "scenario new",
    "list": "operations",
    "routes": "operations",
    "scenarios": "scenario list",
    "requests": "journal",
    "logs": "journal",
    "log": "journal",
    "generate": "fixtures",
    "help": "--help",
    "version": "--version",
    "-v": "--version",
    "-V": "--version",
}
"""Words that users of other tools type, and what they mean here."""


def module_name(command: str) -> str:
    """Return the module of a command, which has its name with `_` for a space."""
    return f"mockserver.cli.{command.replace(' ', '_')}"
