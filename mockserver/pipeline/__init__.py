"""The journey of a request. `mock_server` runs the steps, a module for each, in this order.

sandbox_selection   select the sandbox
router              find the operation
near_misses         for no operation: find the closest ones (path_alignment compares the paths)
validation          check token, parameters, headers and body
planning            plan the response: preferences parses `Prefer`, response_plan merges it with
                    the active scenarios
delays              delay the response
execution           run the operation: effects reads or changes records (record_writes builds them),
                    responder builds the response, validation checks it
coverage            count the items of the contract that the exchange covers
mock_server         record the exchange: journal, metrics, log, traces

messages            the HTTP request and response; problem_responses creates those for problems
exchange            the facts about a request so far; becomes its journal entry
factory             creates the pipeline from the settings
"""
