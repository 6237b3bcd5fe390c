"""The adapter for WireMock's clients: routes of WireMock's admin API, with WireMock's members.

Each view of this package calls a view of ours, and adds the members that WireMock's clients read.
No module outside this package uses these members.
"""
