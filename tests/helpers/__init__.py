"""Functions and constants that several test files use.

A test file imports them from here, never from another test file.
"""
