"""Rules of booking: free slots, holidays, working hours, the status of an appointment, its calendar file.

Every datetime that comes in is aware and every one that is returned is in UTC; times of day and dates are those of
America/Bogota. A naive datetime is a TypeError.
"""
