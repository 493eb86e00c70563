"""The real-time half of a Colombian health membership: chat, guided booking, desk, board and payments."""

__version__ = "0.1.0"
