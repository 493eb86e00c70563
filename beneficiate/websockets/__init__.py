"""WebSocket handlers, one per role, each with its command table."""
