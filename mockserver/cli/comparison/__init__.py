"""`mockserver diff`: read the two sides, and print the report in several formats."""
