"""Report which items of the contract were served.

`document` reads and writes the coverage document, `merge` joins the documents of shards, and
`ratchet` compares two of them. `matrix` counts for people (`markdown`, `html`), `lines` for tools
that colour the lines of a blueprint (`lcov`, `cobertura`). `junit` and `ctrf` list the items.
"""
