"""The limits of the process that reads an uploaded API."""

MAX_CPU_SECONDS = 60
MAX_SECONDS = 120.0
"""The maximum time until the result, on a machine with other work."""
MAX_MEMORY = 2 * 1024**3
"""The maximum address space in bytes."""
MAX_OPERATIONS = 2000
MAX_BYTES = 32 * 1024**2
"""The maximum size of all files with the generated ones. Each process of the server reads them."""
MAX_MESSAGES = 10_000
"""The maximum number of messages in a response."""
OUT_OF_MEMORY = 3
"""The exit code if the address space is too small."""
NICENESS = 10
"""Added to the niceness of the process, because responses are more urgent."""
