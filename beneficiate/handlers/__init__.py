"""HTTP handlers: HTML pages for people, JSON for programs."""
