"""The state of one client: snapshot, clock, active scenarios and journal, and the stores that keep them."""
