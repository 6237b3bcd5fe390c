"""Everything that knows Flask, WSGI or gunicorn."""
