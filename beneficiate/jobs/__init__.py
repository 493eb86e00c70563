"""Periodic jobs. Each claims what is due in the database, so that several processes may run it at once."""
