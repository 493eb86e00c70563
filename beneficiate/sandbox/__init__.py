"""A local Wompi with the HTTP contract of the Colombian payment gateway, for development and tests. No money moves.

Source: https://docs.wompi.co/docs/colombia/inicio-rapido/ and the pages beside it. Everything is kept in memory.
"""
