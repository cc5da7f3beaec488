"""Names for rows in addresses: they reveal neither order nor count."""

import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_references(count: int) -> list[str]:
    """Many at once, from one look into the system's randomness; each as good as one by itself."""
    letters = len(_ALPHABET)
    limit = 256 - 256 % letters
    table = bytes(ord(_ALPHABET[value % letters]) for value in range(256))
    unfair = bytes(range(limit, 256))
    text = ""
    while len(text) < count * 12:
        text += secrets.token_bytes(count * 14 + 64).translate(table, unfair).decode("ascii")
    return [text[begin : begin + 12] for begin in range(0, count * 12, 12)]


def new_reference() -> str:
    """Twelve characters without look-alikes, about 59 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))
