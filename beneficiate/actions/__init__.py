"""What may change. Each action is one unit of work, and only actions speak."""
