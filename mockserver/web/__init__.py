"""The web layer: WSGI, Flask, CORS, the admin API, the control panel, event streams, and the HTTP servers."""
