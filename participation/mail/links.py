"""The links in mails: they begin with the site's own address, never with that of a request."""

from sqlalchemy.orm import Session


def site_url(session: Session) -> str:
    """Return the public address of this site, without a slash at its end."""
    found: str = session.info["site_url"]
    return found
