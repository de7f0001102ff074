"""Passwords of the staff: argon2id, with the library's own recommended cost. Slow on purpose: run these in a thread."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: No letters or digits that are taken for one another when read aloud.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS = 4
_GROUP_LENGTH = 5

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 1000

#: Of a password that nobody knows: what is checked where there is no such user, so that both take as long.
DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$kGDVM2dcbXKytxtK0+GTyQ$1tjekXCdTxhnXH8qG6TdamxgFnQH8LMAXMuZ6g5DEEE"


def make_password() -> str:
    """A random password that can be read aloud: four groups of five, 99 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def hash_password(password: str) -> str:
    """The hash to keep. Raises ValueError for a password that is too short or too long."""
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise ValueError(f"a password has {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters")
    return PasswordHasher().hash(password)


def verify_password(kept: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    if len(password) > MAXIMUM_LENGTH:
        return False
    try:
        return PasswordHasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
