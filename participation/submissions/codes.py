"""Receipt numbers and secrets: random, readable aloud, forgiving when they are typed."""

import hashlib
import hmac
import secrets
import unicodedata

# Crockford's base 32: no I, L, O or U, so that nothing looks like a digit and no word comes out.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_NUMBER_SIGNS = 12  # 60 bits: nobody meets another's by trying
_SECRET_SIGNS = 28  # 140 bits (promise P15: 128 or more)
_GROUP = 4
# A random byte as a random sign: 256 is eight times 32, so that none comes oftener than another.
_ANY_BYTE = (_ALPHABET * 8).encode()


def new_number() -> str:
    """Return a receipt number: ``7K3M-Q9XT-4B2H``."""
    return _grouped(_spelt(secrets.randbits(5 * _NUMBER_SIGNS), _NUMBER_SIGNS))


def new_numbers(count: int) -> list[str]:
    """Return many receipt numbers, each as random as ``new_number``."""
    signs = secrets.token_bytes(count * _NUMBER_SIGNS).translate(_ANY_BYTE).decode()
    return [
        f"{signs[i : i + 4]}-{signs[i + 4 : i + 8]}-{signs[i + 8 : i + 12]}"
        for i in range(0, len(signs), _NUMBER_SIGNS)
    ]


def secret_from(digest: str) -> str:
    """Return the secret that 140 bits or more of ``digest`` (hexadecimal) spell."""
    return _grouped(_spelt(int(digest, 16), _SECRET_SIGNS))


def typed(code: str) -> str:
    """Return a number or secret as it is stored, however it was typed: width, case, hyphens."""
    folded = unicodedata.normalize("NFKC", code).upper().translate(_MISREAD)
    return _grouped("".join(sign for sign in folded if sign in _ALPHABET))


def secret_hash(secret: str) -> str:
    """Return what the database keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_secret(stored: str | None, secret: str) -> bool:
    """Whether ``secret`` is the one behind ``stored``; takes as long when there is none."""
    given = secret_hash(secret)
    return hmac.compare_digest(stored or "0" * 64, given) and stored is not None


def _spelt(number: int, length: int) -> str:
    return "".join([_ALPHABET[number >> 5 * place & 31] for place in range(length)])


def _grouped(signs: str) -> str:
    return "-".join(signs[i : i + _GROUP] for i in range(0, len(signs), _GROUP))
