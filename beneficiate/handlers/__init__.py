"""Doors that close: pages for people, JSON for programs."""
