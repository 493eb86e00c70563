"""What is said on the wire. Pure: it knows msgspec and nothing of ours."""
