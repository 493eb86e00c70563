"""Rules of the queue: which agent gets which chat, and how long members wait."""
