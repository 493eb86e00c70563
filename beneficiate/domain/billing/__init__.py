"""Thinking about payments: signatures, what a transaction means, how long a plan runs. No database and no socket."""
