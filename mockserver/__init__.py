"""A mock server for APIs that are described by an API Blueprint.

Every response is validated against the contract.
"""

__version__ = "0.1.0"
