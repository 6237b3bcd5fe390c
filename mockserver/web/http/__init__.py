"""The HTTP server of one process: an event loop, and the parser httptools (llhttp).

    bytes -> request_parser -> Message -> dispatcher -> Response -> responses -> bytes

The dispatcher answers a repeated request from `quick_path`. It passes all other requests to the
API or, in a thread, to Flask. `connection` keeps the order of the responses, and has the timeouts
and the flow control of both directions.

`server` accepts connections, and stops. gunicorn's workers run it (`web/servers/`). The proof of
`init` and `check` runs it over a socket pair (`in_process`).
"""
