"""Real-time chat, booking and payments for a Colombian health-membership company."""

__version__ = "0.1.0"
