"""Rules of payments: signatures, what a transaction means for a payment, how long a plan runs."""
