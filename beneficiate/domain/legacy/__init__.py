"""How rows of the old service become ours: pure rules, over what is known of both databases."""
