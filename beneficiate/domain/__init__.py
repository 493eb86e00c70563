"""Pure rules of the business: no database, no sockets, no clock. The current time is a parameter."""
