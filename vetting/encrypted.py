"""Text that is unreadable in the database file: tokens, passwords, reasons only the safeguarding lead may see."""

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


def cipher() -> MultiFernet:
    """The installation's keys; the first encrypts, all decrypt. Any text can be a key: it is stretched to Fernet's form."""
    return MultiFernet([_fernet(key) for key in settings.ENCRYPTION_KEYS])


def is_by_first_key(encrypted: str) -> bool:
    """Whether the key that encrypts now encrypted this, so that it stays readable when the others are gone."""
    try:
        _fernet(settings.ENCRYPTION_KEYS[0]).decrypt(encrypted.encode())
    except InvalidToken:
        return False
    return True


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class EncryptedTextField(_Text):
    """Encrypted on the way in, decrypted on the way out. It cannot be searched, and lookups say so."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if not value else cipher().encrypt(value.encode()).decode()

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return value if not value else cipher().decrypt(value.encode()).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError("An encrypted field cannot be searched.")
        return super().get_lookup(lookup_name)
