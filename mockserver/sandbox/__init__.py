"""The state of one client: snapshot, clock, active scenarios, journal, and the stores for them."""
