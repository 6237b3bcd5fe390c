"""The web layer: HTTP servers, WSGI, Flask, CORS, admin API, control panel and event streams."""
