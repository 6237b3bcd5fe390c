"""Generate files before a server starts.

`recipes` generates records, `scaffold` creates the folders of an API, and `proof` tests them.
"""
