"""Time as functions: free slots, holidays, working hours, the life of an appointment, its calendar file.

Nothing here knows a database, a socket or the clock on the wall. Every moment that comes in is aware and every one that
goes out is in UTC; hours of the day and dates are those of America/Bogota. A naive moment is a TypeError.
"""
