"""The booking dialogue of the bot. Pure: everything it needs from outside comes through `BookingLookups`."""
