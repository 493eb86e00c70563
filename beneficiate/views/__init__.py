"""Rows to protocol objects and to what templates show. No query, no emission."""
