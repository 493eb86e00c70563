"""Service levels: promises in working time, their deadlines, and what became of them."""
