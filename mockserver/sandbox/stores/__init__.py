"""The stores of sandboxes: one protocol (`store`), and one row of a table (`open.STORES`) for each kind."""
