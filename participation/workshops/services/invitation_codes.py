"""The form in which codes of invitations are compared and kept."""

from participation.privacy.crypto import Keyring
from participation.submissions.codes import typed

_PURPOSE = "workshop.invitation"


def code_hash(keys: Keyring, code: str) -> str:
    """Return what the database keeps of a code, however it was typed: width, case, hyphens."""
    return keys.blind_index(typed(code), _PURPOSE)
