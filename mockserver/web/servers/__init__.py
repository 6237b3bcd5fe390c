"""gunicorn with its worker, sockets, stop signals and reload."""
