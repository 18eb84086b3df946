"""Following by mail: nobody signs up another, nobody learns who follows, everybody can leave."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import NotFound
from participation.jobs.worker import run_duties
from participation.mail.models import OutboxMessage
from participation.news.queries import newest_number
from participation.portal.models import Digest, Follow, Follower, Rhythm
from participation.portal.rhythms import next_letter_at
from participation.portal.services import followers as services
from participation.portal.services import following, leaving
from participation.privacy.crypto import keyring
from participation.submissions import pressure
from tests.factories import csrf, make_department, post
from tests.portal.followers import ADDRESS, follower, letters, link, tell

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # a Sunday noon in Japan
OTHER = "taro@example.jp"


def ask(client: FlaskClient, address: str = ADDRESS, **more: object):
    form = {"email": address, "topic": ["all"], "rhythm": "daily", "language": "ja", **more}
    return post(client, "/follow/", form)


def followers(session: Session) -> list[Follower]:
    session.rollback()
    return list(session.scalars(select(Follower).order_by(Follower.asked_at)))


@pytest.mark.parametrize(
    ("rhythm", "now", "due"),
    [
        (Rhythm.DAILY, "2026-11-22T06:59:59.999999", "2026-11-22T07:00"),
        (Rhythm.DAILY, "2026-11-22T07:00", "2026-11-23T07:00"),
        (Rhythm.WEEKLY, "2026-11-22T07:00", "2026-11-23T07:00"),
        (Rhythm.WEEKLY, "2026-11-23T07:00", "2026-11-30T07:00"),
        (Rhythm.WEEKLY, "2028-02-28T12:00", "2028-03-06T07:00"),  # over 29 February
    ],
)
def test_letters_leave_at_seven_in_japan(rhythm: Rhythm, now: str, due: str) -> None:
    moments = [datetime.fromisoformat(f"{text}+09:00") for text in (now, due)]
    assert next_letter_at(rhythm, moments[0]) == moments[1]


def test_from_the_form_to_the_first_letter_and_out(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    department = make_department(session, "みどり課")
    page = client.get(f"/follow/?topic=department:{department.id}").text
    box = rf'value="department:{department.id}" checked'
    assert re.search(box, page)
    answer = ask(client, topic=[f"department:{department.id}", "kind:campaign"], rhythm="weekly")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/follow/asked/")
    assert "まだ登録は終わっていません" in client.get("/follow/asked/").text
    (letter,) = letters(session, "portal.confirmation")
    assert letter.recipient == ADDRESS

    path = link(letter, "confirm")
    shown = client.get(path)
    assert shown.headers["Cache-Control"] == "no-store"
    assert "みどり課" in shown.text
    assert [one.confirmed_at for one in followers(session)] == [None]  # a look decides nothing
    answer = post(client, path)
    assert answer.status_code == 303
    settings = client.get(answer.headers["Location"])
    assert "登録しました" in settings.text
    (known,) = followers(session)
    assert known.rhythm is Rhythm.WEEKLY
    assert known.next_at is not None
    assert clock.local(known.next_at).strftime("%w %H:%M") == "1 07:00"

    # Again behind the same link: on to the settings.
    assert client.get(path).status_code == 303
    assert post(client, path).status_code == 303
    path = answer.headers["Location"].partition("?")[0]
    answer = post(client, path, {"topic": ["area:防災・防犯"], "rhythm": "daily", "language": "en"})
    assert answer.status_code == 303
    (known,) = followers(session)
    assert (known.rhythm, known.language) == (Rhythm.DAILY, "en")
    assert services.topics_of(session, known) == ["area:防災・防犯"]
    refused = post(client, path, {"rhythm": "daily", "language": "ja"})
    assert refused.status_code == 422
    assert "1つ以上選んで" in refused.text

    leave = path.replace("/settings/", "/leave/")
    assert "配信を止める" in client.get(leave).text
    assert len(followers(session)) == 1
    done = client.post(leave, data={"List-Unsubscribe": "One-Click"})  # as a mail program does
    assert done.status_code == 200
    assert "すべて消去しました" in done.text
    assert followers(session) == []
    assert session.scalar(select(func.count(Follow.id))) == 0
    assert letters(session) == []
    assert client.get(path).status_code == 404
    assert client.post(leave).data == done.data  # a link that nobody has says the same


def test_a_known_and_an_unknown_address_get_the_same_bytes(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    follower(session, now=NOW)
    answers = []
    for address in (ADDRESS, OTHER):
        fresh = app.test_client()
        answer = ask(fresh, address)
        answers.append(
            (
                answer.status_code,
                answer.data,
                sorted((name, value) for name, value in answer.headers if name != "Set-Cookie"),
                fresh.get("/follow/asked/").data,
            )
        )
    assert answers[0] == answers[1]


def test_following_again_adds_topics_and_tells_nothing_twice(
    client: FlaskClient, session: Session
) -> None:
    known = follower(session, "kind:campaign", now=NOW)
    tell(session, now=NOW)
    session.commit()
    told_until = known.told_until
    ask(client, f" {ADDRESS.upper()} ", topic=["kind:workshop"], rhythm="weekly")
    letter = letters(session, "portal.confirmation")[-1]
    answer = post(client, link(letter, "confirm"))
    (only,) = followers(session)
    assert only.id == known.id
    assert only.told_until == told_until  # what is not told yet still will be
    assert only.rhythm is Rhythm.WEEKLY
    assert services.topics_of(session, only) == ["kind:campaign", "kind:workshop"]
    assert client.get(answer.headers["Location"]).status_code == 200


def test_nobody_is_mailed_again_and_again(client: FlaskClient, session: Session) -> None:
    for _ in range(3):
        assert ask(client).status_code == 303
    assert len(letters(session)) == following.MOST_WAITING == 3
    assert ask(client).headers["Location"] == "/follow/asked/"  # and whoever asks cannot tell
    assert len(letters(session)) == 3


def test_many_letters_from_one_network_have_to_wait_and_are_not_refused(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(pressure.LETTERS.amount):
        assert ask(client, f"one{number}@example.jp").status_code == 303
    waiting = ask(client, OTHER)
    assert waiting.status_code == 429
    assert OTHER in waiting.text
    mark = re.search(r'name="waited" value="([^"]+)"', waiting.text)
    assert mark is not None
    assert ask(client, OTHER, waited=mark[1]).status_code == 429  # too soon
    later = clock.now() + timedelta(seconds=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert ask(client, "another@example.jp", waited=mark[1]).status_code == 429  # not its mark
    assert ask(client, OTHER, waited=mark[1]).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"address": ""}, "メールアドレスを確かめてください"),
        ({"address": "a@b.jp\r\nBcc: c@d.jp"}, "メールアドレスを確かめてください"),
        ({"topic": []}, "1つ以上選んで"),
        ({"topic": ["department:999", "thing:campaign:5", "<b>", "kind:'"]}, "1つ以上選んで"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    client: FlaskClient, session: Session, form: dict[str, object], said: str
) -> None:
    answer = ask(client, **{"address": OTHER, **form})  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert said in answer.text
    assert followers(session) == []


def test_a_single_thing_is_offered_only_if_residents_know_it(
    client: FlaskClient, session: Session
) -> None:
    tell(session, now=NOW, reference="workshop:12", title="<b>公園を歩く</b>")
    session.commit()
    page = client.get("/follow/?topic=thing:workshop:12&topic=thing:workshop:13").text
    assert "&lt;b&gt;公園を歩く&lt;/b&gt;" in page
    assert "workshop:13" not in page.partition("<main")[2]


def test_an_address_is_nowhere_in_the_clear_and_goes_wholly(
    app: Flask, session: Session, settings
) -> None:
    due = follower(session, now=NOW).next_at
    assert due is not None
    tell(session, now=NOW)
    session.commit()
    run_duties(app, due)
    session.rollback()
    assert len(letters(session, "portal.digest")) == 1
    rows = session.execute(text("SELECT * FROM follower")).all()
    assert ADDRESS not in str(rows)
    session.rollback()
    runner = app.test_cli_runner()
    exported = runner.invoke(args=["follow", "export", ADDRESS.upper()])
    assert ADDRESS in exported.output
    assert '"件数": 1' in exported.output
    erased = runner.invoke(args=["follow", "erase", ADDRESS])
    assert (erased.exit_code, erased.output) == (0, "1件の登録を消去しました。\n")
    again = runner.invoke(args=["follow", "erase", ADDRESS])
    assert again.exit_code == 1
    session.rollback()
    for table in (Follower, Follow, Digest, OutboxMessage):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    session.rollback()


def test_who_does_not_confirm_is_forgotten(app: Flask, client: FlaskClient, session: Session):
    ask(client)
    path = link(letters(session)[0], "confirm")
    now = clock.now()
    leaving.forget_unconfirmed(session, now + timedelta(days=7) - timedelta(minutes=1))
    assert len(followers(session)) == 1
    session.rollback()
    run_duties(app, now + timedelta(days=7, minutes=1))
    assert followers(session) == []
    assert client.get(path).status_code == 404
    assert post(client, path).status_code == 404


def test_a_confirmation_that_comes_too_late_is_none(session: Session) -> None:
    asked = following.ask(
        session,
        ADDRESS,
        following.Wish(["all"]),
        write=lambda _token: following.Words("確認", "本文"),
        now=NOW,
    )
    assert asked is not None
    token = services.token_of(keyring(session), asked.id)
    with pytest.raises(NotFound):
        following.confirm(session, token, now=NOW + following.KEPT_UNCONFIRMED)
    session.rollback()


def test_what_came_before_the_confirmation_is_not_told(session: Session) -> None:
    tell(session, now=NOW)
    session.commit()
    known = follower(session, now=NOW)
    assert known.told_until == newest_number(session) == 1


def test_only_leaving_is_open_to_posts_from_elsewhere(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    token = "0" * 64
    for path in ("/follow/", f"/follow/confirm/{token}", f"/follow/settings/{token}"):
        assert client.post(path, data={}).status_code == 400, path
    assert client.post(f"/follow/leave/{token}", data={}).status_code == 200
    assert csrf(client)
