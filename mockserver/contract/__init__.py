"""The contract that is served: operations, effects, lifecycles, scenarios, tokens and records.

The modules mirror `fixtures/API/` file by file.
"""
