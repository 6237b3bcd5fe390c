"""The journey of a request:

sandbox_selection -> router -> validation -> response_plan -> delays -> effects -> responder -> validation -> exchange
"""
