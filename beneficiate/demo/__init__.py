"""Demonstration and load-test data, for development only."""
