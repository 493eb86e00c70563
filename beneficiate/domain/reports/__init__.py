"""What a report is about: periods, comparisons, and which figures belong together."""
