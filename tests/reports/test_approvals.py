"""Approving, confirming and sending back; nobody passes their own words."""

import re

import pytest
from sqlalchemy import select

from participation.accounts.models import Appointment
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, NotFound, PermissionDenied, StateConflict
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.reports.models import EntryState
from participation.reports.queries import entries as queries
from participation.reports.services import approvals, entries
from participation.reports.services.rounds import close_round
from tests.factories import LONG_AGO, make_user, sign_in
from tests.reports.world import World, make_world


@pytest.fixture
def world(session) -> World:
    return make_world(session)


def submitted(world, text="確認を待つ文。"):
    entry = world.write(text)
    world.submit(entry)
    return entry


def test_the_way_to_confirmed_leads_over_three_pairs_of_hands(world):
    entry = submitted(world)
    world.approve(entry)
    assert entry.state is EntryState.APPROVED
    world.confirm(entry)
    assert entry.state is EntryState.CONFIRMED
    history = [(event.act, event.actor_name) for event in queries.history(world.session, entry.id)]
    assert history == [
        ("confirmed", "協働 四季"),
        ("approved", "課長 三枝"),
        ("submitted", "書き手 一郎"),
        ("created", "書き手 一郎"),
    ]


def test_who_wrote_or_edited_may_not_approve(world):
    own = world.write("課長が書いた文。", user=world.chief)
    edited = world.write("課長が直した文。")
    entries.edit_entry(
        world.session,
        edited,
        text="課長が直したあとの文。",
        version=1,
        actor=world.actor(world.chief),
        now=world.later(),
    )
    # That somebody else edited last does not wash the chief's words out.
    entries.edit_entry(
        world.session,
        own,
        text="課長が書いて担当者が直した文。",
        version=1,
        actor=world.actor(world.writer),
        now=world.later(),
    )
    others = world.write("担当者の文。")
    world.submit(own, edited, others)
    result = approvals.approve_entries(
        world.session,
        [(own.id, own.version), (edited.id, edited.version), (others.id, others.version)],
        actor=world.actor(world.chief),
        now=world.later(),
    )
    world.session.commit()
    assert result.done == [others]
    assert {skipped.entry.id for skipped in result.skipped} == {own.id, edited.id}
    assert {"あなたが書いた文を含むため、ほかの人の確認が必要です。"} == {
        skipped.reason for skipped in result.skipped
    }
    second_chief = make_user(world.session, Role.APPROVER, world.department)
    result = approvals.approve_entries(
        world.session,
        [(own.id, own.version), (edited.id, edited.version)],
        actor=world.actor(second_chief),
        now=world.later(),
    )
    assert len(result.done) == 2


def test_a_coordinator_who_wrote_for_the_department_may_not_confirm(world):
    both = make_user(world.session, Role.COORDINATOR, name="兼務 七海")
    both.appointments.append(
        Appointment(role=Role.CONTRIBUTOR, department_id=world.department.id, valid_from=LONG_AGO)
    )
    world.session.commit()
    entry = world.write("兼務者の文。", user=both)
    world.submit(entry)
    world.approve(entry)
    result = approvals.confirm_entries(
        world.session, [(entry.id, entry.version)], actor=world.actor(both), now=world.later()
    )
    assert result.done == []
    world.session.commit()
    world.confirm(entry)
    assert entry.state is EntryState.CONFIRMED


def test_no_command_approves(world):
    entry = submitted(world)
    with pytest.raises(PermissionDenied):
        approvals.approve_entries(
            world.session, [(entry.id, 2)], actor=system_actor("cron"), now=world.now
        )


def test_only_the_departments_chief_approves_and_only_the_coordinator_confirms(world):
    entry = submitted(world)
    other_chief = make_user(world.session, Role.APPROVER, world.other)
    for user in (other_chief, world.coordinator, world.auditor, world.colleague):
        with pytest.raises(NotFound):
            approvals.approve_entries(
                world.session, [(entry.id, 2)], actor=world.actor(user), now=world.now
            )
    world.approve(entry)
    for user in (world.chief, world.auditor, world.writer):
        with pytest.raises(NotFound):
            approvals.confirm_entries(
                world.session, [(entry.id, 3)], actor=world.actor(user), now=world.now
            )
    assert entry.state is EntryState.APPROVED


def test_confirming_skips_what_was_not_approved(world):
    entry = submitted(world)
    result = approvals.confirm_entries(
        world.session, [(entry.id, 2)], actor=world.actor(world.coordinator), now=world.now
    )
    assert result.done == []
    assert "課内確認" in result.skipped[0].reason


def test_what_changed_after_it_was_shown_is_not_approved(world):
    entry = submitted(world)
    entries.pull_back_entry(
        world.session, entry, version=2, actor=world.actor(world.writer), now=world.later()
    )
    entries.edit_entry(
        world.session,
        entry,
        text="見せたあとで変えた文。",
        version=3,
        actor=world.actor(world.writer),
        now=world.later(),
    )
    world.submit(entry)
    result = approvals.approve_entries(
        world.session, [(entry.id, 2)], actor=world.actor(world.chief), now=world.later()
    )
    assert result.done == []
    assert "ほかの人がこの記載を変更" in result.skipped[0].reason


def test_sending_back_needs_a_reason_that_stays_in_the_history(world):
    entry = submitted(world)
    chief = world.actor(world.chief)
    for reason in ("", "  \n"):
        with pytest.raises(InvalidInput, match="理由"):
            approvals.return_as_approver(
                world.session, [(entry.id, 2)], reason=reason, actor=chief, now=world.now
            )
    approvals.return_as_approver(
        world.session,
        [(entry.id, 2)],
        reason="回数を書いてください。",
        actor=chief,
        now=world.later(),
    )
    world.session.commit()
    assert entry.state is EntryState.RETURNED
    assert (
        queries.last_returns(world.session, [entry.id])[entry.id].reason == "回数を書いてください。"
    )


def test_a_returned_entry_is_edited_and_submitted_again(world):
    entry = submitted(world)
    approvals.return_as_approver(
        world.session,
        [(entry.id, 2)],
        reason="直してください。",
        actor=world.actor(world.chief),
        now=world.later(),
    )
    entries.edit_entry(
        world.session,
        entry,
        text="直した文。",
        version=3,
        actor=world.actor(world.writer),
        now=world.later(),
    )
    assert entry.state is EntryState.RETURNED
    world.submit(entry)
    world.approve(entry)
    assert entry.state is EntryState.APPROVED


def test_the_coordinator_sends_back_what_was_approved_or_confirmed(world):
    approved, confirmed = submitted(world, "提出済の文。"), submitted(world, "確認済の文。")
    world.approve(approved, confirmed)
    world.confirm(confirmed)
    result = approvals.return_as_coordinator(
        world.session,
        [(approved.id, approved.version), (confirmed.id, confirmed.version)],
        reason="表記をそろえてください。",
        actor=world.actor(world.coordinator),
        now=world.later(),
    )
    assert len(result.done) == 2
    assert {approved.state, confirmed.state} == {EntryState.RETURNED}


def test_the_submitter_gets_one_mail_about_all_that_came_back(world, session, client):
    first, second = submitted(world, "一つ目。"), submitted(world, "二つ目。\n改行つき")
    approvals.return_as_approver(
        world.session,
        [(first.id, 2), (second.id, 2)],
        reason="日付を入れてください。",
        actor=world.actor(world.chief),
        now=world.later(),
    )
    world.session.commit()
    message = session.scalars(select(OutboxMessage)).one()
    assert message.kind == "reports.entry_returned"
    letter = open_letter(session, message)
    assert letter.recipient == world.writer.email
    assert "日付を入れてください。" in letter.body
    assert "二つ目。 改行つき" in letter.body
    links = re.findall(r"http://localhost(/\S+)", letter.body)
    assert links == [f"/staff/reports/entries/{each.id}/edit" for each in (first, second)]
    sign_in(client, session, world.writer)
    for each, link in zip(("一つ目。", "二つ目。"), links, strict=True):
        assert each in client.get(link).text


def test_the_mail_about_an_answer_without_text_leads_to_its_item(world, session, client):
    place = world.place("1-1")
    answer = entries.declare_nothing(
        session, place, actor=world.actor(world.writer), now=world.later()
    )
    world.submit(answer)
    approvals.return_as_approver(
        session,
        [(answer.id, answer.version)],
        reason="説明会がありました。",
        actor=world.actor(world.chief),
        now=world.later(),
    )
    session.commit()
    letter = open_letter(session, session.scalars(select(OutboxMessage)).one())
    (link,) = re.findall(r"http://localhost(/\S+)", letter.body)
    sign_in(client, session, world.writer)
    page, _hash, anchor = link.partition("#")
    assert f'id="{anchor}"' in client.get(page).text


def test_after_the_closing_the_coordinator_confirms_but_cannot_send_back(world):
    entry = submitted(world)
    world.approve(entry)
    late = submitted(world, "締切に間に合わない文。")
    close_round(world.session, world.round, actor=world.actor(world.coordinator), now=world.later())
    world.session.commit()
    with pytest.raises(StateConflict, match="締め切られています"):
        approvals.approve_entries(
            world.session, [(late.id, 2)], actor=world.actor(world.chief), now=world.now
        )
    with pytest.raises(StateConflict, match="締め切られています"):
        approvals.return_as_coordinator(
            world.session,
            [(entry.id, 3)],
            reason="直してください。",
            actor=world.actor(world.coordinator),
            now=world.now,
        )
    world.session.rollback()
    world.confirm(entry)
    assert entry.state is EntryState.CONFIRMED
