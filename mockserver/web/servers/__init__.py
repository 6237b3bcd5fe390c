"""The HTTP servers, each with its worker; signals and reload."""
