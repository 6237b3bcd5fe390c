"""Compare two contracts: the changes from OLD to NEW, and whom each change breaks.

    sides --matching--> pairs of operations
    pairs --parameters, requests, responses--> findings
    findings --rules--> changes, with a verdict for the app, the server and the mock server

`rules` has the table of all rules.
"""
