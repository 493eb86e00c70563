"""Write operations. Each action is one unit of work (one transaction), and only actions emit events."""
