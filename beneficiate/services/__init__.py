"""Orchestration between the store and an external system: payments, attachments."""
