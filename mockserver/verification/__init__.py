"""Reports about contracts and tests: coverage, and the differences of two contracts."""
