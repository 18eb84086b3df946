"""The link by which somebody gives a seat back or takes one: its token follows from the keys.

Only a keyed hash of a token is stored, and yet every later mail can carry the link: the token is
computed from the receipt's number and a key outside the database.
"""

from sqlalchemy.orm import Session

from participation.privacy.crypto import Keyring, keyring

_LINK_PATH = "/workshops/application/{}"
_LOOKUP_PATH = "/receipts/"
_SITE = "site_url"


def link_token(keys: Keyring, number: str) -> str:
    """Return the token of the application with this receipt number: 256 bits, hexadecimal."""
    return keys.blind_index(number, "workshop.link")


def token_hash(keys: Keyring, token: str) -> str:
    """Return what the database keeps of a token."""
    return keys.blind_index(token, "workshop.link.stored")


def link_of(session: Session, number: str) -> str:
    """Return the whole address of an application's link, by the site's own address."""
    return site_url(session) + _LINK_PATH.format(link_token(keyring(session), number))


def lookup_link(session: Session) -> str:
    """Return the address at which a receipt is looked up by number and secret."""
    return site_url(session) + _LOOKUP_PATH


def site_url(session: Session) -> str:
    """Return the site's own address without a slash at its end, as the app gave it to sessions."""
    found: str = session.info[_SITE]
    return found
