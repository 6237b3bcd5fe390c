"""The adapter for WireMock's clients: the routes that WireMock's admin API has too, and the members that its clients read.

Each route here calls one of ours and adds WireMock's members to its JSON. Nothing outside this package knows them.
"""
