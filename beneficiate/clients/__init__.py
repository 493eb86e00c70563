"""Other companies, their words into ours."""
