"""Who gets which chat, and how long the others wait. No database and no socket."""
