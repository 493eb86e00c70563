"""Pure rules: no database, no socket, no clock. Time is a parameter."""
