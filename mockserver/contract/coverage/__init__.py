"""Contract coverage: which items a contract has, and which of them one exchange covers.

`items` has the items, `observers` what covers them, and `exclusions` reads `coverage.yaml`.
`summary` counts, and `document` builds the coverage document.
"""
