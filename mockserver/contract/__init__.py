"""What is served: operations, effects, lifecycles, scenarios, tokens and records. Mirrors `fixtures/API/` file by file."""
