"""The HTTP server of one process: an event loop, and the parser httptools (llhttp).

    bytes --request_parser--> Message --dispatcher--> quick_path, or the API, or Flask in a thread --responses--> bytes

`connection` has the order, the timeouts and the flow of both directions.

`server` accepts connections and stops. gunicorn's workers run it (`web/servers/`), and the proof of `init` and `check`
runs it over a socket pair (`in_process`).
"""
