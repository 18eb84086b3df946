"""One thing of every kind that an address can name, belonging to one department."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.accounts.models import HeldForm, StaffSession, StaffUser
from participation.campaigns.models import CampaignResult, TextCluster
from participation.campaigns.queries.documents import passages_of
from participation.city.models import Place
from participation.core import clock
from participation.core.actors import Role
from participation.departments.models import Department, DepartmentSuccession
from participation.jobs.models import Job, JobState
from participation.mail.models import MailState
from participation.mail.services import send
from participation.reports import models as reports
from tests.campaigns.answers_arrange import make_answer_things
from tests.campaigns.arrange import make_campaign
from tests.campaigns.documents_arrange import add_version, make_document, make_file
from tests.campaigns.submission_things import make_submission_things
from tests.factories import make_department, make_user
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.door_things import make_door_things
from tests.workshops.outcome_things import make_outcome_things
from tests.workshops.registration_things import make_registration_things

# An address with one of these names a department's own thing: elsewhere it must not exist.
DEPARTMENT_OWNED = {"entry_id", "batch_id", "campaign_id", "workshop_id"}
YEAR = 2024


@dataclass
class Things:
    """Values for the variable parts of addresses."""

    values: dict[str, Any]

    def url(self, app: Flask, endpoint: str) -> str:
        """The address of ``endpoint`` for these things; a new kind of thing must be added here."""
        rule = max(app.url_map.iter_rules(endpoint), key=lambda rule: len(rule.arguments))
        values = {name: self.values[name] for name in rule.arguments}
        with app.test_request_context():
            return app.url_for(endpoint, **values)

    @staticmethod
    def is_department_owned(app: Flask, endpoint: str) -> bool:
        """Whether the address of ``endpoint`` names a department's own thing."""
        return any(DEPARTMENT_OWNED & rule.arguments for rule in app.url_map.iter_rules(endpoint))


def make_things(session: Session, department: Department, author: StaffUser | None) -> Things:
    """Make one of each kind, in ``department`` where it can belong to one."""
    now = clock.now()
    guideline, words = _guideline(session)
    if session.scalar(select(reports.Round).where(reports.Round.fiscal_year == YEAR)) is None:
        session.add(reports.Round(fiscal_year=YEAR, opened_at=now))
    person = make_user(session, Role.CONTRIBUTOR, department, name="山田 次郎")
    entry = reports.Entry(
        item_id=words.item_id,
        department_id=department.id,
        fiscal_year=YEAR,
        kind=reports.EntryKind.PLAN,
        text="講座を開催する。",
        state=reports.EntryState.DRAFT,
        author_id=author.id if author else None,
        created_at=now,
        updated_at=now,
    )
    batch = reports.ImportBatch(
        state=reports.ImportState.READY,
        entry_state=reports.EntryState.DRAFT,
        department_id=department.id,
        file_name="記入票.csv",
        actor_name="山田 次郎",
        created_at=now,
    )
    edition = reports.Edition(
        fiscal_year=YEAR,
        number=1 + (session.scalar(select(func.max(reports.Edition.number))) or 0),
        correction="訂正",
        columns=[["plan", YEAR]],
        created_at=now,
    )
    job = Job(kind="none", payload={}, state=JobState.FAILED, created_at=now, label="試験")
    message = send(
        session, kind="test", recipient="a@example.jp", subject="件名", body="本文", now=now
    )
    message.state = MailState.FAILED
    succession = DepartmentSuccession(
        predecessor_id=make_department(session, f"旧課{secrets.token_hex(3)}").id,
        successor_id=make_department(session, f"新課{secrets.token_hex(3)}").id,
        effective_on=date(2024, 4, 1),
    )
    held = HeldForm(
        user_id=person.id, path="/staff/", fields="", nonce=secrets.token_hex(16), created_at=now
    )
    signed = StaffSession(
        token_hash=secrets.token_hex(32), user_id=person.id, created_at=now, last_seen_at=now
    )
    place = Place(name=f"公民館{secrets.token_hex(3)}")
    session.add_all([entry, batch, edition, job, succession, held, signed, place])
    session.commit()
    campaign = make_campaign(session, department)
    document, first = make_document(session, campaign)
    draft = add_version(
        session, campaign, document, "改めた案。", file=make_file(session, b"%PDF-")
    )
    result = CampaignResult(campaign_id=campaign.id, number=1, created_at=now)
    cluster = TextCluster(campaign_id=campaign.id, representative_id=0, opinions=0, updated_at=now)
    session.add_all([result, cluster])
    session.commit()
    workshop = make_workshop(session, department, days=2)
    pool = make_pool(session, workshop)
    session.commit()
    answer_things = make_answer_things(session, campaign, person)
    return Things(
        {
            **answer_things,
            **make_submission_things(session, campaign, answer_things["submission_id"]),
            "campaign_id": campaign.id,
            "workshop_id": workshop.id,
            "day_id": workshop.days[0].id,
            "pool_id": pool.id,
            "kind_key": "town_meeting",
            **make_registration_things(session, workshop),
            **make_outcome_things(session, workshop),
            **make_door_things(session, workshop),
            "result_id": result.id,
            "cluster_id": cluster.id,
            "result_number": 1,
            "answer_number": 1,
            "result_file": "result.pdf",
            "result_format": "pdf",
            "document_id": document.id,
            "version_id": draft.id,
            "passage_id": passages_of(session, first.id)[0].id,
            "section": "contact",  # of a campaign and of a workshop
            "entry_id": entry.id,
            "batch_id": batch.id,
            "edition_id": edition.id,
            "item_id": words.item_id,
            "guideline_item_id": words.id,
            "section_id": words.section_id,
            "number": guideline.number,
            "name": "pdf",  # of an edition that has no file yet
            "year": YEAR,
            "user_id": person.id,
            "appointment_id": person.appointments[0].id,
            "department_id": department.id,
            "period_id": department.periods[0].id,
            "succession_id": succession.id,
            "job_id": job.id,
            "message_id": message.id,
            "place_id": place.id,
            "day": date(2026, 12, 29),
            "held_id": held.id,
            "session_id": signed.id,
        }
    )


def _guideline(session: Session) -> tuple[reports.Guideline, reports.GuidelineItem]:
    """An enacted version once, and a new draft each time; return the draft and its item."""
    item = session.scalar(select(reports.Item))
    if item is None:
        item = reports.Item(code="1-1")
        session.add(item)
        session.flush()
        _version(session, item, 1, reports.GuidelineState.ENACTED)
    number = 1 + (session.scalar(select(func.max(reports.Guideline.number))) or 0)
    return _version(session, item, number, reports.GuidelineState.DRAFT)


def _version(
    session: Session, item: reports.Item, number: int, state: reports.GuidelineState
) -> tuple[reports.Guideline, reports.GuidelineItem]:
    enacted = state is reports.GuidelineState.ENACTED
    section = reports.Section(position=1, mark="1", title="市政への参加")
    guideline = reports.Guideline(
        number=number,
        title="進捗状況",
        state=state,
        valid_from_year=2020 if enacted else None,
        created_at=clock.now(),
        sections=[section],
        categories=[reports.GuidelineCategory(position=1, code="Ⅰ", label="検討する。")],
    )
    session.add(guideline)
    session.flush()
    words = reports.GuidelineItem(
        item_id=item.id,
        section_id=section.id,
        position=1,
        name="講座",
        guideline_text="開く",
        categories=[reports.ItemCategory(position=1, code="Ⅰ", policy="検討する。")],
    )
    guideline.items.append(words)
    session.flush()
    return guideline, words
