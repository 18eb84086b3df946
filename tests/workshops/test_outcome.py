"""What came of a workshop: written by one, published by another, corrected openly; its files."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from participation.accounts.queries import actor_of
from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.files.models import StoredFile
from participation.files.services import read
from participation.news.models import NewsEvent, NewsItem
from participation.workshops.models import WorkshopFile, WorkshopFileKind, WorkshopState
from participation.workshops.queries.outcomes import files_of, find_outcome, published_outcome
from participation.workshops.services import outcome_files, outcomes
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_workshop
from tests.workshops.pictures import CAMERA, PLACE_NOTE, photograph

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


@pytest.fixture
def held(session, department):
    workshop = make_workshop(session, department, starts_at=clock.now() - timedelta(days=3))
    session.commit()
    return workshop


@pytest.fixture
def people(session, department):
    return (
        make_user(session, Role.CONTRIBUTOR, department, name="書く 人"),
        make_user(session, Role.APPROVER, department, name="決める 人"),
    )


def write(
    session, workshop, *, said="木陰がほしい。", became="木を植えます。", links=(), actor=None
):
    stored = find_outcome(session, workshop.id)
    return outcomes.edit_outcome(
        session,
        workshop,
        said=said,
        became=became,
        links=links,
        version=stored.version if stored else 0,
        actor=actor or system_actor("writer"),
        now=clock.now(),
    )


def publish(session, workshop, **more):
    stored = find_outcome(session, workshop.id)
    values = {"actor": system_actor("approver"), "now": clock.now(), **more}
    outcomes.publish_outcome(session, workshop, version=stored.version, **values)


def add_photo(session, workshop, data=None, *, title="話し合う参加者", name="IMG_1.jpg"):
    stored = find_outcome(session, workshop.id)
    return outcome_files.add_file(
        session,
        workshop,
        WorkshopFileKind.PHOTO,
        data=photograph() if data is None else data,
        name=name,
        title=title,
        version=stored.version if stored else 0,
        actor=system_actor("writer"),
        now=clock.now(),
    )


def test_written_then_published_then_corrected(session, held):
    assert write(session, held)
    assert not write(session, held), "the same once more is no change"
    assert published_outcome(session, held.id) is None
    publish(session, held)
    assert held.state is WorkshopState.REPORTED
    assert published_outcome(session, held.id).said == "木陰がほしい。"
    assert (
        session.scalar(select(NewsItem.text).where(NewsItem.event == NewsEvent.DECIDED))
        == "木を植えます。"
    )

    write(session, held, said="木陰とベンチがほしい。")
    assert published_outcome(session, held.id).said == "木陰がほしい。", (
        "not before it is published"
    )
    with pytest.raises(InvalidInput, match="訂正の理由"):
        publish(session, held)
    publish(session, held, reason="意見が1つ抜けていました。")
    shown = published_outcome(session, held.id)
    assert shown.said == "木陰とベンチがほしい。"
    assert [reason for _at, reason in shown.corrections] == ["意見が1つ抜けていました。"]
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "workshops.outcome.published")
    ).all()
    assert [event.reason for event in events] == ["", "意見が1つ抜けていました。"]
    assert "木陰とベンチ" in str(events[-1].after)
    with pytest.raises(StateConflict, match="同じです"):
        publish(session, held, reason="もう一度")


def test_not_by_the_last_editor(session, held, people):
    writer, approver = people
    write(session, held, actor=writer_actor(session, approver))
    with pytest.raises(PermissionDenied, match="自分が最後に編集"):
        publish(session, held, actor=writer_actor(session, approver))
    write(session, held, said="直した。", actor=writer_actor(session, writer))
    publish(session, held, actor=writer_actor(session, approver))
    assert held.state is WorkshopState.REPORTED


def writer_actor(session, user):
    return actor_of(session, user, clock.now())


def test_not_before_it_began_nor_of_what_is_stopped(session, department):
    ahead = make_workshop(session, department)
    write(session, ahead)
    with pytest.raises(StateConflict, match="始まった後"):
        publish(session, ahead)
    for state in (WorkshopState.PREPARING, WorkshopState.CANCELLED, WorkshopState.POSTPONED):
        with pytest.raises(StateConflict):
            write(session, make_workshop(session, department, state=state))


def test_empty_and_stale_are_refused(session, held):
    write(session, held, said=" ", became="")
    with pytest.raises(StateConflict, match="公表する内容がありません"):
        publish(session, held)
    with pytest.raises(StateConflict, match="ほかの人が"):
        outcomes.publish_outcome(
            session, held, version=99, actor=system_actor("x"), now=clock.now()
        )
    with pytest.raises(InvalidInput):
        write(session, held, said="あ" * 20_001)


def test_photograph_forgets_place_camera_and_time(session, held):
    original = photograph(3_000, 2_000)
    assert CAMERA.encode() in original
    assert PLACE_NOTE.encode() in original
    added = add_photo(session, held, original)
    stored = session.get_one(StoredFile, added.file_id)
    data = read(session, stored)
    for word in (CAMERA, PLACE_NOTE, "Exif", "2026:11:03", "GPS"):
        assert word.encode() not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert dict(picture.getexif()) == {}
        assert "exif" not in picture.info
        assert picture.size == (1_600, 1_067)
    assert stored.media_type == "image/jpeg"


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff broken", PDF, b"GIF89a=1;alert(1)"],
)
def test_what_is_no_picture(session, held, data):
    with pytest.raises(InvalidInput):
        add_photo(session, held, data)
    assert session.scalar(select(WorkshopFile.id)) is None


def test_photograph_needs_words(session, held):
    with pytest.raises(InvalidInput, match="何が写っているか"):
        add_photo(session, held, title=" ")


def test_files_are_ordered_and_removed(app, session, held):
    first, second = (
        add_photo(session, held, photograph(40, 30), title=title) for title in ("甲", "乙")
    )
    session.commit()
    held_second = files_of(session, held.id)[1]
    version = find_outcome(session, held.id).version
    acts = {"version": version, "actor": system_actor("x"), "now": clock.now()}
    assert outcome_files.move_file(session, held, held_second, up=True, **acts)
    assert [one.file.title for one in files_of(session, held.id)] == ["乙", "甲"]
    acts["version"] += 1
    assert not outcome_files.move_file(session, held, held_second, up=True, **acts)
    outcome_files.remove_file(session, held, held_second, **acts)
    session.commit()
    assert [one.file.id for one in files_of(session, held.id)] == [first.id]
    assert session.get(StoredFile, second.file_id) is None


def test_public_only_once_published(client, session, held):
    write(session, held, said="# 意見\n\n<img src=x onerror=alert(1)>\n\n- 木陰")
    photo = add_photo(session, held, title='<b>"alt"</b>')
    material = outcome_files.add_file(
        session,
        held,
        WorkshopFileKind.MATERIAL,
        data=PDF,
        name="かわら版.pdf",
        title="かわら版",
        version=find_outcome(session, held.id).version,
        actor=system_actor("writer"),
        now=clock.now(),
    )
    session.commit()
    urls = [
        f"/workshops/{held.id}/outcome/",
        f"/workshops/{held.id}/files/{photo.id}",
        f"/workshops/{held.id}/files/{material.id}",
    ]
    assert [client.get(url).status_code for url in urls] == [404, 404, 404]
    publish(session, held)
    session.commit()
    text = client.get(urls[0]).text
    assert "<img src=x" not in text
    assert "&lt;b&gt;&#34;alt&#34;&lt;/b&gt;" in text
    assert "<h3>意見</h3>" in text
    picture, pdf = client.get(urls[1]), client.get(urls[2])
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Content-Disposition"].startswith("inline")
    assert pdf.headers["Content-Disposition"].startswith("attachment")
    for response in (picture, pdf):
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "開催結果を見る" in client.get(f"/workshops/{held.id}/").text
    # One that is added later waits for the next publication.
    later = add_photo(session, held, photograph(40, 30), title="あとの写真")
    session.commit()
    assert client.get(f"/workshops/{held.id}/files/{later.id}").status_code == 404
    assert "あとの写真" not in client.get(urls[0]).text


def test_file_of_another_event_is_not_found(client, session, held, department):
    write(session, held)
    photo = add_photo(session, held, photograph(40, 30))
    publish(session, held)
    other = make_workshop(session, department)
    session.commit()
    assert client.get(f"/workshops/{held.id}/files/{photo.id}").status_code == 200
    assert client.get(f"/workshops/{other.id}/files/{photo.id}").status_code == 404


def test_through_the_pages(client, session, held, people, department):
    writer, approver = people
    campaign = make_campaign(session, department, title="公園計画（案）")
    session.commit()
    base = f"/staff/workshops/{held.id}/outcome"
    sign_in(client, session, writer)
    assert "開催結果はまだ書かれていません" in client.get(f"{base}/").text
    form = {"version": "0", "said": "意見です。", "became": "", "campaigns-0": "999", "plans": ""}
    refused = post(client, f"{base}/edit", form)
    assert refused.status_code == 422
    assert "にあてはまる、公表している意見募集はありません" in refused.text
    assert "意見です。" in refused.text
    form |= {"campaigns-0": f"{campaign.id}", "plans": "みどりの基本計画\n"}
    assert post(client, f"{base}/edit", form).status_code == 303
    stale = post(client, f"{base}/edit", form | {"said": "別の言葉"})
    assert stale.status_code == 409
    assert "別の言葉" in stale.text
    upload = {
        "version": "1",
        "kind": "photo",
        "title": "話し合う参加者",
        "file": (io.BytesIO(photograph()), "IMG_0001.jpg"),
    }
    added = post(client, f"{base}/files/new", upload, content_type="multipart/form-data")
    assert added.status_code == 303
    nothing = post(client, f"{base}/files/new", {"version": "2", "kind": "photo", "title": "空"})
    assert nothing.status_code == 422
    assert post(client, f"{base}/publish", {"version": "2"}).status_code == 403
    sign_in(client, session, approver)
    preview = client.get(f"{base}/publish").text
    assert "意見です。" in preview
    assert post(client, f"{base}/publish", {"version": "2"}).status_code == 303
    shown = client.get(f"/workshops/{held.id}/outcome/").text
    assert "公園計画（案）" in shown
    assert "みどりの基本計画" in shown
    assert 'alt="話し合う参加者"' in shown
    # Whoever is in a picture may ask that it goes; it goes at once.
    file_id = files_of(session, held.id)[0].file.id
    gone = post(client, f"{base}/files/{file_id}/act", {"version": "3", "act": "remove"})
    assert gone.status_code == 303
    assert client.get(f"/workshops/{held.id}/files/{file_id}").status_code == 404
    assert "話し合う参加者" not in client.get(f"/workshops/{held.id}/outcome/").text
