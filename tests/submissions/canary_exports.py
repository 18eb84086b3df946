"""Answering the canaries' campaign, publishing its result, and taking every file of both."""

import io
import re
import zipfile
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import object_session

from participation.campaigns.models import (
    CampaignState,
    Opinion,
    OpinionGroup,
    OpinionMask,
    Outcome,
    ResponseCategory,
)
from participation.campaigns.queries.results import results_of
from participation.campaigns.services.results import ResultWords, draft_result, submit_result
from participation.core import clock
from participation.jobs.worker import run_pending
from tests.campaigns.documents_arrange import make_document
from tests.campaigns.results import actor
from tests.factories import post, sign_in
from tests.pdf.reading import page_texts

# A third person's name within an opinion: stored as it was sent, but left out of every file.
MASKED = "隠間三朗二〇九四七一"
KEPT = "さんの家の前に木陰を。"
VIEW = "街路樹を植えます。"


def answer_and_publish(app, client, session, campaign, people):
    """One answered group of all opinions, one of which names somebody; then the result of it."""
    writer, approver = people
    make_document(session, campaign)
    campaign.state = CampaignState.REVIEWING
    campaign.opens_on -= timedelta(days=60)
    campaign.closes_on -= timedelta(days=60)
    campaign.announced_on -= timedelta(days=60)
    opinions = list(session.scalars(select(Opinion).where(Opinion.campaign_id == campaign.id)))
    group = OpinionGroup(
        campaign_id=campaign.id,
        number=1,
        position=1,
        heading="第1章",
        summary="木陰を増やしてほしい。",
        view=VIEW,
        category_id=session.scalar(
            select(ResponseCategory.id).where(
                ResponseCategory.campaign_id == campaign.id, ResponseCategory.code == "B"
            )
        ),
        ready=True,
        author_id=writer.id,
        updated_at=clock.now(),
    )
    session.add(group)
    session.flush()
    for opinion in opinions:
        opinion.group_id = group.id
    named = next(opinion for opinion in opinions if opinion.text.startswith(MASKED))
    session.add(
        OpinionMask(
            opinion_id=named.id,
            field="text",
            start=0,
            stop=len(MASKED),
            reason="第三者の氏名",
            made_by=writer.id,
            made_at=clock.now(),
            checked_by=approver.id,
            checked_at=clock.now(),
        )
    )
    session.commit()
    words = ResultWords(Outcome.UNCHANGED, "考え方のとおりです。")
    result = draft_result(session, campaign, words, actor=actor(writer), now=clock.now())
    submit_result(session, campaign, result, actor=actor(writer), now=clock.now())
    session.commit()
    run_pending(app)
    session.rollback()
    sign_in(client, session, approver)
    result = results_of(session, campaign.id)[-1]
    address = f"/staff/campaigns/{campaign.id}/result/{result.id}/approve"
    fields = {"when": "now", "snapshot_sha256": result.snapshot_sha256}
    session.rollback()
    assert post(client, address, fields).status_code == 303


def take_exports(traces, campaign):
    """Every file of answers, of opinions and of the result, by its address, as it can be read."""
    client, staff = traces.client, f"/staff/campaigns/{campaign.id}"
    stranger = client.application.test_client()
    taken = {}
    for tail in ("answers/xlsx", "answers/csv", "answers/csv-cp932?accept=1"):
        taken[tail] = client.get(f"{staff}/{tail}")
    for tail in ("xlsx", "csv", "csv-cp932?accept=1"):
        taken[f"opinions {tail}"] = client.get(f"{staff}/opinions/export/{tail}")
    # What the worker writes when there are too many for a request; on disk it lies unpacked.
    object_session(campaign).rollback()
    assert post(client, f"{staff}/opinions/files", {"format": "csv"}).status_code == 303
    run_pending(client.application)
    page = client.get(f"{staff}/opinions/files").get_data(as_text=True)
    taken["opinions file"] = client.get(re.search(rf"{staff}/opinions/files/\d+", page)[0])
    for name in ("", "result.pdf", "result.xlsx", "result.csv", "result-shift-jis.csv"):
        taken[name or "result page"] = stranger.get(f"/campaigns/{campaign.id}/result/1/{name}")
    return {
        name: unpacked(name, traces.note(response).data)
        for name, response in taken.items()
        if response.status_code == 200
    }


def unpacked(name, data):
    """The bytes of a file as a reader sees them: an XLSX without its packing, a PDF as its text."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return b"\n".join(packed.read(part) for part in packed.namelist())
    if data.startswith(b"%PDF"):
        # Set in lines, so that a word may be broken anywhere.
        return "".join("".join(page_texts(data)).split()).encode()
    return data
