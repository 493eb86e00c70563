"""Requests of people about their personal data (Ley 1581 de 2012, articles 14 and 15): terms, states, forms."""
