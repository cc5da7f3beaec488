"""Names for rows in addresses: they reveal neither order nor count."""

import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_reference() -> str:
    """Twelve characters without look-alikes, about 59 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))
