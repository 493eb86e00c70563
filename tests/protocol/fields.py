"""How messages are checked: whether a change of an example is still valid."""

import json

import msgspec


def is_valid(struct, **changes):
    """Return whether the example of a command or event, with these changes, can be decoded."""
    frame = {**struct.example, **changes}
    try:
        msgspec.json.decode(json.dumps({name: value for name, value in frame.items() if value is not ...}), type=struct)
    except msgspec.ValidationError:
        return False
    return True
