"""A campaign to send to, and the requests that send: shared by the bench and promise P1."""

import re
import secrets
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlencode

from participation.app import create_app
from participation.core.settings import Settings
from participation.db.extension import db
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department
from tests.schema import create_schema

TEXT = (
    "公園の木陰が少なく、夏のあいだは小さな子どもを連れて歩けません。"
    "通学路と公園の南側に木を植え、ベンチを置いてください。"
)


@dataclass(frozen=True)
class Target:
    """Where to send."""

    campaign_id: int
    eligibility_id: int

    @property
    def path(self) -> str:
        return f"/campaigns/{self.campaign_id}/submit/"


def make_target(settings: Settings) -> Target:
    """Make the tables and one open campaign."""
    create_schema(settings)
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        campaign = make_campaign(session, make_department(session))
        target = Target(campaign.id, campaign.eligibilities[0].id)
        db.session.remove()
        db.engine.dispose()
    return target


@dataclass(frozen=True)
class Visitor:
    """A browser's cookie and the token of its form."""

    cookie: str
    token: str


def visit(port: int, target: Target) -> Visitor:
    """Open the form once, as every browser does."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{target.path}", timeout=20) as page:
        text = page.read().decode()
        cookie = page.headers["Set-Cookie"].partition(";")[0]
    return Visitor(cookie, re.search(r'name="csrf_token" value="([^"]+)"', text).group(1))


def form(target: Target, visitor: Visitor, *, text: str = "", mail: bool = True) -> dict[str, str]:
    """A form ready to be sent, with a key of its own."""
    person = secrets.token_hex(4)
    return {
        "csrf_token": visitor.token,
        "key": secrets.token_urlsafe(24),
        "saved": "",
        "website": "",
        "n": "1",
        "o0-place": "12ページ 第2章",
        "o0-text": text or f"{TEXT}（{person}）",
        "o0-reason": "日陰があれば歩けるためです。",
        "eligibility": str(target.eligibility_id),
        "s-name": f"山田 {person}",
        "s-address": f"中央1-2-{person}",
        "mail_to": f"{person}@example.jp" if mail else "",
        "act": "send",
    }


def request(path: str, fields: dict[str, str], visitor: Visitor | None = None) -> bytes:
    """The bytes of a POST; each comes from a network of its own."""
    body = urlencode(fields).encode()
    network = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.1"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Forwarded-For: {network}\r\nX-Forwarded-Host: 127.0.0.1\r\n"
        f"{f'Cookie: {visitor.cookie}' if visitor else 'X-Bare: yes'}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
