"""Promises P5 and P7: planted personal data is found nowhere but where it may be.

A canary stands in every personal field, in the names and the contents of files and in mail
addresses. Every flow that touches them is run; then logs, addresses, cookies, the raw bytes of the
database, the object store, exports and job payloads are searched, in several encodings.
"""

import base64
import contextlib
import io
import json
import logging
import re
import urllib.parse
import uuid
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import MetaData, select, text
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from participation.campaigns.models import CampaignImport, Submission
from participation.campaigns.queries.submissions import attachments_of
from participation.campaigns.services.retention import set_erasure_dates
from participation.core import clock
from participation.core.actors import Role
from participation.jobs.worker import run_duties, run_pending
from participation.privacy.keyfile import read_key_file
from participation.sheets.write_csv import write_csv
from participation.submissions.models import Receipt, Sender
from participation.submissions.sender_fields import FIELDS
from tests.campaigns.arrange import make_campaign
from tests.factories import csrf, make_department, make_user, post, sign_in
from tests.submissions.canary_exports import KEPT, MASKED, VIEW, answer_and_publish, take_exports
from tests.submissions.canary_followers import follow, leave, tell
from tests.submissions.canary_registrations import make_event, register

# None of these can come about by chance, and each has its own ending, to say which flow leaked.
CANARY = "ｶﾅﾘｱ9471カナリア"
ASCII = "canary-9471"
PHONE = "0463-94-710947"
PERSONAL = (CANARY, ASCII, PHONE)


def value(key, flow):
    """A canary as the value of a field."""
    if key == "email":
        return f"{ASCII}-{flow}@example.jp"
    if key == "phone":
        return PHONE
    return f"{CANARY}{flow}"


def wanted_bytes():
    """Every form in which a canary could lie somewhere."""
    found = set()
    for words in PERSONAL:
        found |= {
            words.encode(),
            words.encode("cp932"),
            words.encode("utf-16-le"),
            urllib.parse.quote(words).encode(),
            json.dumps(words)[1:-1].encode(),
        }
        # Inside base64 it may begin at any of three places.
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + words.encode())
            found.add(whole[4 if shift else 0 : -4])
    return found


def leaks(data: bytes):
    return [form for form in wanted_bytes() if form in data]


def database_bytes(session, settings):
    """The raw bytes of the database: SQLite's files, or every column of every table."""
    if session.get_bind().dialect.name == "sqlite":
        path = Path(settings.database_url.removeprefix("sqlite:///"))
        return b"".join(part.read_bytes() for part in path.parent.glob(path.name + "*"))
    meta = MetaData()
    meta.reflect(session.get_bind())
    assert len(meta.tables) > 30
    return b"\n".join(
        str(tuple(row)).encode()
        for table in meta.tables.values()
        for row in session.execute(select(table))
    )


def stored_files(settings):
    return b"".join(
        p.read_bytes() for p in settings.data_dir.rglob("*") if p.is_file() and p.suffix != ".eml"
    )


class Traces:
    """Everything that could leave by the side: log lines, addresses, cookies, pages."""

    def __init__(self, client):
        self.client, self.headers, self.pages = client, [], {}

    def note(self, response, page=""):
        self.headers.append(str(response.headers) + response.request.url)
        for cookie in response.headers.getlist("Set-Cookie"):
            for part in re.findall(r"[A-Za-z0-9_-]{16,}", cookie):
                opened = base64.urlsafe_b64decode(part[: len(part) // 4 * 4])
                self.headers.append(opened.decode("utf-8", "replace"))
                with contextlib.suppress(zlib.error):  # a long session is packed
                    self.headers.append(zlib.decompressobj().decompress(opened).decode())
        if page:
            self.pages[page] = response.data
        return response


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


@pytest.fixture
def campaign(session, department):
    made = make_campaign(session, department, retention_days=0)
    made.sender_fields = [{"key": key, "required": False} for key in FIELDS]
    session.commit()
    return made


@pytest.fixture
def people(session, department):
    return (
        make_user(session, Role.CONTRIBUTOR, department),
        make_user(session, Role.APPROVER, department),
    )


def post_files(client, url, fields, **files):
    named = {
        name: FileStorage(io.BytesIO(data), filename=filename)
        for name, (data, filename) in files.items()
    }
    boundary, body = encode_multipart({"csrf_token": csrf(client), **fields, **named})
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(url, data=body, content_type=kind)


def send_by_web(traces, campaign):
    """A resident's form with a file and a mail, over the confirmation page to the receipt."""
    client, url = traces.client, f"/campaigns/{campaign.id}/submit/"
    page = traces.note(client.get(url))
    key = re.search(r'name="key" value="([^"]*)"', page.text).group(1)
    fields = {
        "key": key,
        "saved": "",
        "n": "1",
        "o0-place": "",
        "o0-text": MASKED + KEPT,
        "o0-reason": "",
        "website": "",
        "eligibility": str(campaign.eligibilities[0].id),
        "mail_to": f"{ASCII}-web@example.jp",
        **{f"s-{key}": value(key, "web") for key in FIELDS},
    }
    content = f"{CANARY}の地図".encode()
    confirm = post_files(
        client, url, {**fields, "act": "confirm"}, files=(content, f"{CANARY}の地図.txt")
    )
    traces.note(confirm)
    assert confirm.status_code == 200, confirm.text
    saved = re.search(r'name="saved" value="([^"]*)"', confirm.text).group(1)
    traces.note(post(client, url, {**fields, "act": "save"}))
    sent = traces.note(post(client, url, {**fields, "act": "send", "saved": saved}))
    assert sent.status_code == 303, sent.text
    receipt = traces.note(client.get(sent.location), "receipt")
    assert receipt.status_code == 200


def type_at_the_desk(traces, campaign):
    client = traces.client
    fields = {
        "act": "save",
        "key": "k",
        "channel": "fax",
        "arrived_on": clock.local_date(clock.now()).isoformat(),
        "opinions-0-text": "ベンチを。",
        "eligibility": "0",
        **{f"sender_{key}": value(key, "desk") for key in FIELDS},
    }
    url = f"/staff/campaigns/{campaign.id}/desk"
    bad = traces.note(post(client, url, {**fields, "arrived_on": "x"}))
    assert bad.status_code == 422
    scan = (f"%PDF-1.4\n{CANARY}\n%%EOF".encode(), f"{CANARY}の意見.pdf")
    done = traces.note(post_files(client, url, fields, scan=scan))
    assert done.status_code == 303, done.text
    traces.note(client.get(done.location), "desk")


def bring_in_files(app, traces, session, campaign):
    """One file that is stored, one with faults in every personal column, one left undecided."""
    client, url = traces.client, f"/staff/campaigns/{campaign.id}/submission-imports"
    header = ("通番", "到達日", "提出方法", "意見", *FIELDS.values())
    day = clock.local_date(clock.now()).isoformat()
    people = tuple(value(key, "import") for key in FIELDS)
    good = ("1", day, "FAX", "駐輪場を。", *people)
    contradicting = ("1", "", "", "別の意見", *(value(key, "other") for key in FIELDS))
    too_long = ("2", day, "FAX", "意見", *(one * 60 for one in people))
    for rows, act in (
        ([good], "/store"),
        ([good, contradicting, too_long], ""),
        ([good, good], ""),
    ):
        data = write_csv(header, rows, encoding="utf-8-sig").data
        answer = traces.note(post_files(client, url, {}, file=(data, f"{CANARY}一覧.csv")))
        assert answer.status_code == 303, answer.text
        session.rollback()
        run_pending(app)
        upload = session.scalars(select(CampaignImport).order_by(CampaignImport.id.desc())).first()
        one = f"{url}/{upload.id}"
        traces.note(client.get(one), f"import {upload.id}")
        traces.note(client.get(one + "/problems.xlsx"), f"problems {upload.id}")
        if act:
            traces.note(post(client, one + act))
            session.rollback()
            run_pending(app)
    traces.note(client.get(url), "imports")


def work_on_them(traces, session, campaign, people):
    """Look, flag, disclose, download, check: what staff do all day."""
    client, base = traces.client, f"/staff/campaigns/{campaign.id}"
    for number, found in enumerate(session.scalars(select(Submission)).all()):
        one = f"{base}/submissions/{found.id}"
        file = next(iter(attachments_of(session, found.receipt_id)), None)
        session.rollback()
        traces.note(client.get(one), f"submission {number}")
        shown = traces.note(post(client, one + "/sender", {"reason": "確認"}))
        assert CANARY in shown.text  # it is there, for who may see it
        if file is not None:
            # The file itself, under its own name: not a trace but what was asked for.
            taken = post(client, f"{one}/attachments/{file.id}", {"reason": "確認"})
            assert CANARY.encode() in taken.data
        traces.note(post(client, one + "/flags", {"note": "確認", "late": "", "seen": "x"}))
    for tail in (
        "",
        "/submissions",
        "/submissions?flag=attachment",
        "/checks",
        "/retention",
        "/desk",
    ):
        traces.note(client.get(base + tail), tail or "campaign")
    sign_in(client, session, people[1])
    session.rollback()
    for found in session.scalars(select(Submission).where(Submission.typed_by.is_not(None))).all():
        check = f"{base}/checks/{found.id}"
        session.rollback()
        opened = traces.note(post(client, check + "/original"))
        assert CANARY in opened.text
        fields = {
            "act": "confirm",
            "opened": "1",
            "opinions-0-number": "1",
            "opinions-0-text": "ベンチを。",
            **{f"sender_{key}": value(key, "checked") for key in FIELDS},
        }
        assert traces.note(post(client, check, fields)).status_code == 303


def see_from_outside(traces, campaign):
    stranger = traces.client.application.test_client()
    for tail in ("/campaigns/", f"/campaigns/{campaign.id}/", f"/campaigns/{campaign.id}/submit/"):
        traces.note(stranger.get(tail), tail)


@pytest.mark.slow
def test_personal_data_stays_in_its_place_and_goes_when_its_time_is_over(  # noqa: PLR0917
    app, client, session, settings, department, campaign, people, caplog
):
    caplog.set_level(logging.DEBUG)
    traces = Traces(client)
    send_by_web(traces, campaign)
    register(traces, session, make_event(session, department), value)
    sign_in(client, session, people[0])
    type_at_the_desk(traces, campaign)
    bring_in_files(app, traces, session, campaign)
    work_on_them(traces, session, campaign, people)
    see_from_outside(traces, campaign)
    way_out = follow(traces, session, [value("email", "follows"), value("email", "lapses")])
    tell(app, session, clock.now() + timedelta(days=2))
    session.rollback()
    now = clock.now()
    number = session.scalars(select(Receipt.number).order_by(Receipt.id)).first()
    session.rollback()
    runner = app.test_cli_runner()
    exported = runner.invoke(
        args=["submissions", "export-person", number, "--reason", "開示", "--output", "-"]
    )
    assert CANARY in exported.output
    listed = runner.invoke(args=["submissions", "disclosures", "--since", "2020-01-01"])
    assert len(listed.output.splitlines()) > 3
    answer_and_publish(app, client, session, campaign, people)
    exports = take_exports(traces, campaign)
    session.rollback()

    # P5: it was everywhere in use, and lies nowhere in the open.
    assert leaks(caplog.text.encode()) == []
    assert leaks("\n".join(traces.headers).encode()) == []
    assert {name: found for name, page in traces.pages.items() if (found := leaks(page))} == {}
    assert leaks(listed.output.encode()) == []
    assert exports.keys() == OPINIONS | WITH_ANSWERS
    for name, data in exports.items():
        assert leaks(data) == [], name
        assert not any(MASKED.encode(kind) in data for kind in ("utf-8", "cp932")), name
    # A file that said nothing could leak nothing: each holds the words that it should.
    assert {name for name, data in exports.items() if says(data, KEPT)} == WITH_TEXTS
    assert {name for name, data in exports.items() if says(data, VIEW)} == WITH_ANSWERS
    assert leaks(database_bytes(session, settings)) == []
    assert leaks(stored_files(settings)) == []
    session.rollback()

    # P7: after the day not even whoever has the keys can read it any more.
    stood = list(places(session))
    assert {table for table, _column, _row in stood} == set(ROWS)
    assert {table for table in ROWS if readable(session, settings, stood, table)} == set(ROWS)
    session.rollback()
    leave(traces, way_out)  # who follows leaves when they like
    assert leaks("\n".join(traces.headers).encode()) == []
    set_erasure_dates(session, campaign, clock.local_date(now))
    session.commit()
    later = now + timedelta(days=400)
    run_duties(app, later)  # which also sends the mail
    run_duties(app, later + timedelta(days=40))
    session.rollback()
    assert {sender.contents for sender in session.scalars(select(Sender))} == {None}
    session.rollback()
    assert {table: readable(session, settings, stood, table) for table in ROWS} == {
        table: [] for table in ROWS
    }


RESULT = {"result page", "result.pdf", "result.xlsx", "result.csv", "result-shift-jis.csv"}
WITH_ANSWERS = RESULT | {"answers/xlsx", "answers/csv", "answers/csv-cp932?accept=1"}
OPINIONS = {"opinions xlsx", "opinions csv", "opinions csv-cp932?accept=1", "opinions file"}
WITH_TEXTS = OPINIONS | {"result page", "result.xlsx"}


def says(data, words):
    return any(words.encode(kind) in data for kind in ("utf-8", "cp932"))


ROWS = {
    "sender": ("contents",),
    "attachment": ("name",),
    "saved_form": ("contents",),
    "outbox_message": ("recipient",),
    "follower": ("address",),
}


def places(session):
    """Where encrypted values of senders stand."""
    for table, columns in ROWS.items():
        for row in session.scalars(text(f"SELECT id FROM {table}")).all():
            for column in columns:
                yield table, column, str(uuid.UUID(str(row)))


def readable(session, settings, stood, wanted):
    """What somebody with the database's raw bytes and the keys can decrypt to a canary.

    Every stored value begins ``v1.<key>.`` wherever it lies: in a page, in a free page, in the log.
    """
    raw = database_bytes(session, settings)
    keys = read_key_file(settings.field_keys_file).keys
    values = set(re.findall(rb"v1\.(k[0-9a-f]{8})\.(?=([A-Za-z0-9+/=]{20,}))", raw))
    found = []
    for table, column, row in stood:
        place = "".join(f"{len(part)}:{part}" for part in (table, column, row)).encode()
        for key_id, rest in values if table == wanted else ():
            key = AESGCM(keys[key_id.decode()])
            # SQLite puts the next column right behind: where the value ends, only its tag tells.
            for end in range(40, len(rest) + 1, 4):
                sealed = base64.b64decode(rest[:end])
                with contextlib.suppress(InvalidTag):
                    found += leaks(key.decrypt(sealed[:12], sealed[12:], place))
    return found
