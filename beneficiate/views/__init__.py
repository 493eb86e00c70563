"""Rows to protocol objects and to what templates show. They run no query and emit nothing."""
