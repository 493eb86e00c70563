"""What may be seen. Nothing here changes a row or says a word."""
