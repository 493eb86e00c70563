"""The whole system under faults: what was acknowledged is stored once, in order, and everybody was told."""
