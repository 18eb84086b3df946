"""Telling whether two registrations are one person's, without keeping who it is."""

import re
import unicodedata
from collections.abc import Mapping

from participation.core.text import compare_key
from participation.privacy.crypto import Keyring

_NOT_DIGITS = re.compile(r"[^0-9]")
_JAPAN = "81"
_LONGEST_NATIONAL = 11  # 090-1234-5678


def person_key(keys: Keyring, workshop_id: int, sender: Mapping[str, str]) -> str | None:
    """Return a value that is equal for equal people of one workshop; None without a name.

    The name and one way to reach the person: e-mail, else telephone, else the address, else the
    reading of the name. All compared without width, blanks and case, telephone numbers by their
    digits. Keyed by the workshop, so that nobody is followed from one event to the next.
    """
    name = sender.get("name") or sender.get("representative") or sender.get("organisation") or ""
    if not _plain(name):
        return None
    return keys.blind_index(f"{_plain(name)}\n{_contact(sender)}", f"workshop.{workshop_id}.person")


def telephone(text: str) -> str:
    """Return the digits of a telephone number as it is dialled within Japan."""
    digits = _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    if digits.startswith(_JAPAN) and len(digits) >= _LONGEST_NATIONAL:
        digits = "0" + digits[len(_JAPAN) :].removeprefix("0")
    return digits


def _contact(sender: Mapping[str, str]) -> str:
    if email := _plain(sender.get("email", "")):
        return f"email:{email}"
    if phone := telephone(sender.get("phone", "")):
        return f"phone:{phone}"
    if address := _plain(sender.get("address", "")):
        return f"address:{address}"
    return f"kana:{_plain(sender.get('kana', ''))}"


def _plain(text: str) -> str:
    return compare_key(text).replace(" ", "").casefold()
