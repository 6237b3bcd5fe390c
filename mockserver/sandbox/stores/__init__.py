"""The stores of sandboxes: one protocol (`store`), and one line of a table (`open.STORES`) for each kind of store."""
