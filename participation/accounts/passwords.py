"""Passwords: Argon2id, and the few rules that help (NIST SP 800-63B: length, not composition)."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from participation.core.errors import InvalidInput

MIN_LENGTH = 12
MAX_LENGTH = 200
_FEW = 4  # different characters

# 19 MiB and two passes: OWASP's first choice for Argon2id, 35-190 ms on a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# The hash of random bytes that nobody kept: an unknown address costs the same time as a known one.
_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "0DUE3zphu3qTbH9mKye15w$CVUolw2wLkgadRScV0QQ0FcDJ4jQ2qcbPLwgu/edZB8"
)

# What people think of first when twelve characters are asked for. Compared without case, width
# and repetition, so that one line stands for many.
_COMMON_WORDS = """
    password passw0rd p@ssword p@ssw0rd passwd pass word qwerty qwertyuiop qwertyuiopas asdfghjkl
    asdfghjklzx zxcvbnm 1qaz2wsx 1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y qazwsxedc
    qazwsxedcrfv abcdefghijkl abcdefgh abcd1234 abc123 letmein welcome iloveyou administrator
    admin root user test guest changeme secret dragon monkey football baseball sunshine princess
    sakura japan tokyo nippon パスワード ぱすわーど さくら にほん shiyakusho yakusho shiyakusyo
    shiminsanka kyoudou 市役所 市民参加 市民協働課 reiwa heisei showa 令和 平成
"""


def hash_password(password: str) -> str:
    """Return the Argon2id hash of ``password`` with its own salt and parameters in it."""
    return _HASHER.hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether ``password`` belongs to ``stored``; with no hash, the same work and then False."""
    try:
        return _HASHER.verify(stored or _NOBODY, _normal(password)) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether ``stored`` was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def check_rules(password: str, *, email: str, name: str) -> None:
    """Refuse a password that somebody would guess.

    Args:
        password: as typed.
        email: the person's address; neither it nor its first part may be the password.
        name: the person's name, with or without blanks.

    Raises:
        InvalidInput: with what to do about it.

    """
    normal = _normal(password)
    if len(normal) < MIN_LENGTH:
        raise InvalidInput(
            f"パスワードは{MIN_LENGTH}文字以上にしてください。短い言葉をいくつかつなげると覚えやすくなります。",
            field="password",
        )
    if len(password) > MAX_LENGTH:
        raise InvalidInput(f"パスワードは{MAX_LENGTH}文字以内にしてください。", field="password")
    bare = _bare(normal)
    for own in (email, email.partition("@")[0], name):
        if own and _bare(own) and bare.replace(_bare(own), "").strip("0123456789") == "":
            raise InvalidInput(
                "メールアドレスや氏名からはすぐに推測されます。別の言葉を使ってください。",
                field="password",
            )
    if _is_common(bare):
        raise InvalidInput(
            "よく使われるパスワードです。関係のない言葉をいくつかつなげてください。",
            field="password",
        )


def _normal(password: str) -> str:
    """NFKC, so that the same keys on another keyboard or input method give the same password."""
    return unicodedata.normalize("NFKC", password)


def _bare(text: str) -> str:
    return "".join(character for character in _normal(text).casefold() if character.isalnum())


_COMMON = frozenset(_bare(word) for word in _COMMON_WORDS.split())


def _is_common(bare: str) -> bool:
    if len(set(bare)) <= _FEW:  # aaaaaaaaaaaa, 121212121212
        return True
    core = bare.strip("0123456789")
    # Digits only: a date, a telephone number. Else a common word, also several times over.
    return (
        not core
        or bare in _COMMON
        or any(core == word * (len(core) // len(word)) for word in _COMMON)
    )
