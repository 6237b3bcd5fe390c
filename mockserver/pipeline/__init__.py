"""The journey of a request, one module a step.

messages            the HTTP request and response
exchange            what is known of the request so far; becomes its journal entry
sandbox_selection   choose the sandbox
router              find the operation
near_misses         for no operation: find the closest ones (path_alignment compares the paths)
validation          check token, parameters, headers and body
response_plan       merge the `Prefer` header and the active scenarios
delays              wait
effects             read or change records (record_writes builds and updates them)
responder           build the response
validation          check the response
mock_server         run these steps, then record the exchange: journal, metrics, log, traces
"""
