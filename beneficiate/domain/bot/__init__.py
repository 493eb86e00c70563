"""The guided booking as a conversation. Pure: no socket, no database, no clock; it looks up through `Choices`."""
