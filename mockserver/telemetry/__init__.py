"""Metrics, traces and logs of the exchanges, and the log of the server itself."""
