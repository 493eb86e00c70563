"""The WebSocket protocol: commands, events and their payloads. Pure: it imports msgspec and nothing of ours."""
