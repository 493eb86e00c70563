"""A local Wompi: the HTTP contract of the Colombian payment gateway, for a laptop and for tests. No money moves here.

Source: https://docs.wompi.co/docs/colombia/inicio-rapido/ and the pages beside it. Everything is kept in memory.
"""
