"""Doors that stay open: one WebSocketHandler a role, each with its vocabulary."""
