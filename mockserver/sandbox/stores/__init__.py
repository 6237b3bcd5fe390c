"""The stores of sandboxes.

They have one protocol (`store`). Each kind of store is a row of a table (`open.STORES`).
"""
