"""Every QR code that the portal draws is read by a decoder and leads where it says."""

import html
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session
from weasyprint import HTML

from participation.accounts import second_factor
from participation.accounts.views.enrolment import enrolment
from participation.campaigns.answer_form_print import answer_form_pdf, answer_sheet
from participation.core import clock
from participation.core.actors import Role
from participation.pdf.qr_code import code_of
from participation.workshops.models import Application
from participation.workshops.poster_print import poster_pdf
from participation.workshops.services.posters import words_of
from participation.workshops.views.receipt import door_picture
from tests.campaigns.arrange import make_campaign
from tests.codes import codes_in, pages_of
from tests.factories import make_department, make_user, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop

CREATED = datetime(2026, 11, 22, tzinfo=UTC)


def shown(address: str) -> Image.Image:
    """A picture of a page (data:) as a browser shows it: at its own size, on white."""
    page = HTML(string=f'<img src="{html.escape(address)}">').write_pdf()
    return pages_of(page)[0]


def test_the_poster_leads_to_the_event(client: FlaskClient, session: Session) -> None:
    workshop = make_workshop(session, make_department(session), title="川べりの公園を考える会")
    make_pool(session, workshop)
    session.commit()
    poster = words_of(session, workshop, now=clock.now())
    (page,) = pages_of(poster_pdf(poster, created=CREATED))
    assert codes_in(page) == [f"http://localhost/workshops/{workshop.id}/"]
    assert "川べりの公園を考える会" in client.get(urlsplit(codes_in(page)[0]).path).text
    # Hung up askew and seen from afar.
    askew = page.rotate(17, expand=True, fillcolor="white")
    assert codes_in(askew.resize((askew.width * 2 // 3, askew.height * 2 // 3))) == [poster.address]


def test_the_answer_form_leads_to_the_campaign(client: FlaskClient, session: Session) -> None:
    campaign = make_campaign(session, make_department(session), title="緑の基本計画（案）")
    session.commit()
    sheet = answer_sheet(
        campaign, municipality="見本市", department="みどり課", base_url="http://localhost"
    )
    front, back = pages_of(answer_form_pdf(sheet, created=CREATED))
    assert codes_in(front) + codes_in(back) == [f"http://localhost/campaigns/{campaign.id}/"]
    assert "緑の基本計画（案）" in client.get(f"/campaigns/{campaign.id}/").text


def test_the_code_for_the_door_opens_the_persons_check_in(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    department = make_department(session)
    workshop = make_workshop(session, department)
    held = make_registration(session, make_pool(session, workshop), sender={"name": "髙橋 一郎"})
    application = session.get_one(Application, held.application_id)
    session.commit()
    with app.test_request_context():
        picture = door_picture(application)
    (address,) = codes_in(shown(picture))
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    assert address.startswith("http://localhost/staff/")
    assert "髙橋" not in address
    assert "髙橋 一郎" in client.get(address).text


def test_the_code_for_the_app_carries_the_secret(app: Flask, session: Session) -> None:
    secret = second_factor.new_secret()
    with app.test_request_context():
        (uri,) = codes_in(shown(enrolment(secret, "a@example.jp")["qr_code"]))
    assert uri.startswith("otpauth://totp/")
    assert f"secret={secret}" in uri


@pytest.mark.parametrize(
    "address", ["http://localhost/", "https://sanka.city.mihon.lg.jp/workshops/1234567890/" * 2]
)
def test_a_soiled_code_is_read(address: str) -> None:
    code = code_of(address)
    scale = 8
    picture = Image.new("L", (code.size * scale, code.size * scale), "white")
    draw = ImageDraw.Draw(picture)
    outline = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path)
    for x, y, length, back in outline:
        assert length == back
        left, top = int(x) * scale, int(y) * scale
        draw.rectangle((left, top, left + int(length) * scale - 1, top + scale - 1), "black")
    assert codes_in(picture) == [address]
    # A blot in the middle: what level M mends is codewords, and a blot lies across many.
    side, middle = picture.width * 0.2, picture.width / 2
    draw.rectangle((middle - side / 2, middle - side / 2, *(middle + side / 2,) * 2), "black")
    assert codes_in(picture) == [address]
