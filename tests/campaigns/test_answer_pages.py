"""The pages of answers as a person uses them, without JavaScript."""

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from participation.campaigns.models import (
    Amendment,
    CampaignImport,
    ImportState,
    Opinion,
    OpinionGroup,
    OpinionMask,
    TextCluster,
)
from participation.campaigns.queries.opinions import MASKED
from participation.campaigns.views import answer_sheets
from participation.sheets.read import read_table
from tests.campaigns.answers_arrange import Desk, make_desk
from tests.factories import post, sign_in


@pytest.fixture
def desk(session, client) -> Desk:
    desk = make_desk(session)
    sign_in(client, session, desk.writer)
    return desk


def url(desk, path=""):
    return f"/staff/campaigns/{desk.campaign.id}{path}"


def words(response):
    return response.get_data(as_text=True)


def test_from_opinions_to_ready_answers(desk, client, session):
    first, second = desk.opinion("木陰がほしい。", "ベンチがほしい。")
    page = words(client.get(url(desk, "/groups")))
    assert "グループに入っていない意見" in page
    assert "グループはまだありません" in page
    page = words(client.get(url(desk, "/opinions")))
    assert "木陰がほしい。" in page
    answer = post(
        client,
        url(desk, "/opinions/sort"),
        {"scope": "ticked", "ids": [first.id], "act": "new", "new_heading": "第2章"},
    )
    assert answer.status_code == 303
    group = session.scalars(select(OpinionGroup)).one()
    answer = post(
        client,
        url(desk, "/opinions/sort"),
        {"scope": "every", "act": "add", "to_group": str(group.number)},
    )
    assert answer.status_code == 303
    session.expire_all()
    assert {first.group_id, second.group_id} == {group.id}
    page = words(client.get(url(desk, f"/groups/{group.id}")))
    assert "ベンチがほしい。" in page
    form = {
        "version": str(group.version),
        "heading": "第2章",
        "summary": "木陰とベンチがほしい。",
        "view": "増やします。",
        "category_id": str(desk.category("A").id),
        "assigned_to": "計画係",
        "ready": "y",
    }
    answer = post(client, url(desk, f"/groups/{group.id}/edit"), form)
    assert answer.status_code == 422
    assert "修正の箇所と修正前・修正後が必要です" in words(answer)
    assert "木陰とベンチがほしい。" in words(answer)  # nothing typed is lost
    answer = post(
        client,
        url(desk, "/amendments/new"),
        {
            "place": "12ページ",
            "before": "植える。",
            "after": "植えて育てる。",
            "groups": "１",
            "passage_id": "0",
        },
    )
    assert answer.status_code == 303
    assert post(client, url(desk, f"/groups/{group.id}/edit"), form).status_code == 303
    page = words(client.get(url(desk, "/groups")))
    assert "すべての意見の回答ができています" in page
    page = words(client.get(url(desk, "/amendments")))
    assert "<ins>" in page
    assert "2件" in page


def test_a_refused_bulk_act_keeps_the_ticks(desk, client):
    first, second = desk.opinion("一", "二")
    answer = post(
        client,
        url(desk, "/opinions/sort"),
        {"scope": "ticked", "ids": [second.id], "act": "add", "to_group": "77"},
    )
    assert answer.status_code == 422
    page = words(answer)
    assert "この番号のグループはありません" in page
    assert re.search(rf'value="{second.id}" checked', page)
    assert not re.search(rf'value="{first.id}" checked', page)
    answer = post(client, url(desk, "/opinions/sort"), {"scope": "ticked", "act": "new"})
    assert answer.status_code == 422
    assert desk.session.scalar(select(func.count()).select_from(OpinionGroup)) == 0


def test_a_cluster_is_put_away_in_one_act(desk, client, session):
    opinions = [desk.opinion("同じ文。")[0] for _ in range(3)]
    desk.opinion("別の文。")
    cluster = TextCluster(
        campaign_id=desk.campaign.id,
        representative_id=opinions[0].id,
        opinions=3,
        updated_at=desk.now,
    )
    session.add(cluster)
    session.flush()
    for opinion in opinions:
        opinion.cluster_id = cluster.id
    session.commit()
    page = words(client.get(url(desk, f"/opinions?cluster={cluster.id}")))
    assert "いまの条件に合うすべての意見（3件）" in page
    address = url(desk, f"/opinions/sort?cluster={cluster.id}")
    assert post(client, address, {"scope": "every", "act": "new"}).status_code == 303
    session.expire_all()
    assert session.scalar(select(func.count(Opinion.group_id))) == 3


def test_two_editors_both_texts_are_shown_and_either_can_be_kept(desk, client, session):
    group = desk.group()
    theirs = {"version": "1", "summary": "同僚の文。", "category_id": "0"}
    mine = {"version": "1", "summary": "私の文。", "category_id": "0"}
    assert post(client, url(desk, f"/groups/{group.id}/edit"), theirs).status_code == 303
    answer = post(client, url(desk, f"/groups/{group.id}/edit"), mine)
    assert answer.status_code == 409
    page = words(answer)
    assert "同僚の文。" in page
    assert "私の文。" in page
    version = re.search(r'name="version"[^>]* value="(\d+)"', page)[1]
    mine["version"] = version
    assert post(client, url(desk, f"/groups/{group.id}/edit"), mine).status_code == 303
    session.expire_all()
    assert group.summary == "私の文。"
    history = words(client.get(url(desk, f"/groups/{group.id}")))
    assert "同僚の文。" in history


def test_splitting_and_undoing(desk, client, session):
    [opinion] = desk.opinion("挨拶です。\n一つ目。\n二つ目。")
    page = words(client.get(url(desk, f"/opinions/{opinion.id}/split")))
    assert "一つ目。" in page
    bad = {"parts": "一つ目。\n-----\n二つ眼。"}
    answer = post(client, url(desk, f"/opinions/{opinion.id}/split"), bad)
    assert answer.status_code == 422
    assert "二つ眼。" in words(answer)
    good = {"parts": "一つ目。\r\nーーー\r\n二つ目。"}
    answer = post(client, url(desk, f"/opinions/{opinion.id}/split"), good)
    assert answer.status_code == 303
    page = words(client.get(url(desk, f"/opinions/{opinion.id}")))
    assert "原文のうち5文字は、どの部分にも入っていません" in page
    assert "分割した部分" in page
    assert client.get(url(desk, f"/opinions/{opinion.id}/split")).status_code == 303
    assert post(client, url(desk, f"/opinions/{opinion.id}/join")).status_code == 303
    assert post(client, url(desk, f"/opinions/{opinion.id}/join")).status_code == 409
    assert session.scalar(select(func.count()).select_from(Opinion)) == 1


def test_masks_by_two_people(desk, client, session, app):
    [opinion] = desk.opinion("山田さんの電話は0463-00-0000です。")
    address = url(desk, f"/opinions/{opinion.id}")
    assert "個人情報らしい箇所があります" in words(client.get(address))
    assert post(client, f"{address}/masks", {"reason": "氏名"}).status_code == 422
    assert post(client, f"{address}/masks", {"phrase": "無い", "reason": "x"}).status_code == 422
    form = {"phrase": "山田", "reason": "第三者の氏名"}
    assert post(client, f"{address}/masks", form).status_code == 303
    form = {"field": "text", "start": "9", "stop": "20", "reason": "電話番号"}
    assert post(client, f"{address}/masks", form).status_code == 303
    page = words(client.get(address))
    assert f"{MASKED}さんの電話は{MASKED}です。" in page
    ids = session.scalars(select(OpinionMask.id)).all()
    answer = post(client, url(desk, "/masks/check"), {"masks": ids})
    assert answer.status_code == 403
    other = app.test_client()
    sign_in(other, session, desk.colleague)
    assert "第三者の氏名" in words(other.get(url(desk, "/masks")))
    home = words(other.get("/staff/"))
    assert "非公開の箇所を確認する" in home
    assert post(other, url(desk, "/masks/check"), {"masks": ids}).status_code == 303
    assert "確認を待っている箇所はありません" in words(other.get(url(desk, "/masks")))
    assert post(client, url(desk, f"/masks/{ids[0]}/remove"), {}).status_code == 422
    answer = post(client, url(desk, f"/masks/{ids[0]}/remove"), {"reason": "同意があった"})
    assert answer.status_code == 303


def test_merging_and_dissolving_ask_first(desk, client, session):
    a, b = desk.opinion("一", "二")
    one, two = desk.group(a, summary="甲"), desk.group(b, summary="乙")
    answer = client.get(url(desk, f"/groups/merge?groups={one.id}"))
    assert answer.status_code == 303
    page = words(client.get(url(desk, f"/groups/merge?groups={one.id}&groups={two.id}")))
    assert "甲" in page
    assert "乙" in page
    data = {"groups": [one.id, two.id]}
    assert post(client, url(desk, "/groups/merge"), data).status_code == 422
    answer = post(client, url(desk, "/groups/merge"), {**data, "into": one.id})
    assert answer.status_code == 303
    assert "意見1件" not in words(client.get(url(desk, f"/groups/{one.id}/dissolve")))
    assert post(client, url(desk, f"/groups/{one.id}/dissolve")).status_code == 303
    session.expire_all()
    assert (a.group_id, b.group_id) == (None, None)


def test_an_amendment_changed_meanwhile_shows_both(desk, client, session):
    amendment = desk.amendment()
    form = {
        "version": "1",
        "place": "12ページ",
        "before": "植える。",
        "after": "同僚の案。",
        "passage_id": "0",
        "groups": "",
    }
    address = url(desk, f"/amendments/{amendment.id}")
    assert post(client, address, form).status_code == 303
    answer = post(client, address, {**form, "after": "私の案。"})
    assert answer.status_code == 409
    assert "同僚の案。" in words(answer)
    assert "私の案。" in words(answer)
    assert post(client, f"{address}/delete").status_code == 303
    assert session.scalar(select(func.count()).select_from(Amendment)) == 0


def test_categories_have_a_page(desk, client):
    page = words(client.get(url(desk, "/categories")))
    assert "反映（案を修正）" in page
    form = {"code": "A", "label": "重なる"}
    assert post(client, url(desk, "/categories/add"), form).status_code == 422
    form = {"code": "G", "label": "国へ伝える"}
    assert post(client, url(desk, "/categories/add"), form).status_code == 303
    added = desk.category("G")
    address = url(desk, f"/categories/{added.id}")
    assert post(client, f"{address}/move", {"to": "up"}).status_code == 303
    assert post(client, address, {"code": "G", "label": "県へ伝える"}).status_code == 303
    desk.group(category_id=added.id)
    assert post(client, f"{address}/remove").status_code == 409


# --- spreadsheets -------------------------------------------------------------------------------


def upload(client, desk, data, name="回答.csv"):
    return post(
        client,
        url(desk, "/answer-imports"),
        {"file": (BytesIO(data), name)},
        content_type="multipart/form-data",
    )


def table(*rows, header="番号,版,要旨,市の考え方,区分"):
    return "\r\n".join([header, *rows]).encode()


@pytest.mark.parametrize("file_format", ["xlsx", "csv", "csv-cp932"])
def test_what_is_exported_changes_nothing_when_read_back(desk, client, session, file_format):
    desk.group(*desk.opinion("一"), code="C", summary="=1+1 〜①", view="二行\nの文。", heading="章")
    data = client.get(url(desk, f"/answers/{file_format}?accept=1")).data
    assert upload(client, desk, data, f"回答.{file_format[:4]}").status_code == 303
    found = session.scalars(select(CampaignImport)).one()
    assert (found.state, found.changed_rows, found.same_rows) == (ImportState.READY, 0, 1)


def test_an_import_shows_cells_and_stores_all_at_once(desk, client, session):
    one, two, three = desk.group(summary="甲"), desk.group(), desk.group()
    post(
        client,
        url(desk, f"/groups/{three.id}/edit"),
        {"version": "1", "summary": "画面の文。", "category_id": "0"},
    )
    rows = ("1,1,甲と乙,考え方。,Ｃ", "2,1,,,", "3,1,ファイルの文。,,")
    answer = upload(client, desk, table(*rows))
    assert answer.status_code == 303
    page = words(client.get(answer.headers["Location"]))
    assert "変わる回答が1件あります" in page
    assert "画面で先に変更あり" in page
    assert "<ins>" in page
    found = session.scalars(select(CampaignImport)).one()
    address = url(desk, f"/answer-imports/{found.id}")
    assert post(client, f"{address}/store").status_code == 303
    session.expire_all()
    assert (one.summary, one.view, one.version) == ("甲と乙", "考え方。", 2)
    assert one.category_id == desk.category("C").id
    assert (two.version, three.summary) == (1, "画面の文。")
    assert desk.events("campaigns.answers.imported")[0].after["rows"] == 1
    assert desk.events("campaigns.group.edited")[-1].before["summary"] == "甲"
    assert post(client, f"{address}/store").status_code == 409
    assert post(client, f"{address}/discard").status_code == 409


def test_what_moved_after_the_preview_stops_the_whole_import(desk, client, session):
    one, two = desk.group(), desk.group()
    answer = upload(client, desk, table("1,1,新しい甲,,", "2,1,新しい乙,,"))
    form = {"version": "1", "summary": "画面の文。", "category_id": "0"}
    post(client, url(desk, f"/groups/{two.id}/edit"), form)
    stored = post(client, f"{answer.headers['Location']}/store")
    assert stored.status_code == 409
    assert "2番の回答が変わりました" in words(stored)
    session.expire_all()
    assert (one.summary, two.summary) == ("", "画面の文。")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9,1,要旨,,", "この番号のグループはありません"),
        ("1,,要旨,,", "版の数字が必要"),
        ("1,1,要旨,,Z", "この記号の対応区分はありません"),
        ("1,1,要旨,,\r\n1,1,別の要旨,,", "同じ番号の行が2つ"),
    ],
)
def test_a_bad_row_refuses_the_file(desk, client, session, row, reason):
    desk.group()
    answer = upload(client, desk, table(row))
    assert reason in words(client.get(answer.headers["Location"]))
    found = session.scalars(select(CampaignImport)).one()
    assert found.state is ImportState.REFUSED
    assert post(client, f"{answer.headers['Location']}/store").status_code == 409


def test_a_file_that_is_none_is_refused_with_its_reason(desk, client):
    answer = upload(client, desk, b"PK\x03\x04nonsense", "x.xlsx")
    assert answer.status_code == 422
    answer = upload(client, desk, table("1", header="番号"))
    assert answer.status_code == 422
    assert "版" in words(answer)


def test_every_group_is_exported(desk, client, monkeypatch):
    monkeypatch.setattr(answer_sheets, "_GROUPS_A_PIECE", 2)
    for number in range(5):
        desk.group(*desk.opinion(f"{number}"), summary=f"要旨{number}")
    rows = read_table(client.get(url(desk, "/answers/xlsx")).data, filename="x.xlsx").rows
    found = [(cells[0], cells[2], cells[7]) for _line, cells in rows]
    assert found == [(str(number + 1), f"要旨{number}", "1") for number in range(5)]


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_exported_opinions_are_the_public_ones(desk, client, session, file_format):
    [opinion] = desk.opinion("山田さんの意見です。")
    desk.opinion("遅い意見。", late=True)
    session.add(
        OpinionMask(
            opinion_id=opinion.id,
            field="text",
            start=0,
            stop=2,
            reason="氏名",
            made_by=desk.writer.id,
            made_at=desk.now,
        )
    )
    session.commit()
    answer = client.get(url(desk, f"/opinions/export/{file_format}"))
    rows = [cells for _line, cells in read_table(answer.data, filename="x").rows]
    assert [cells[5] for cells in rows] == [f"{MASKED}さんの意見です。", "遅い意見。"]
    assert [cells[10] for cells in rows] == ["", "期限後"]
    assert client.get(url(desk, "/opinions/export/doc")).status_code == 404


def test_a_reader_sees_and_changes_nothing(desk, client, session, app):
    [opinion] = desk.opinion("一")
    group = desk.group(opinion, summary="要旨の文")
    reader = app.test_client()
    sign_in(reader, session, desk.auditor)
    for path in ("/groups", f"/groups/{group.id}", "/opinions", f"/opinions/{opinion.id}"):
        page = words(reader.get(url(desk, path)))
        assert 'name="act"' not in page
        assert "data-mask-form" not in page
    assert "要旨の文" in words(reader.get(url(desk, f"/groups/{group.id}")))
    stranger = app.test_client()
    sign_in(stranger, session, desk.stranger)
    for path in ("/groups", f"/groups/{group.id}", f"/opinions/{opinion.id}", "/amendments"):
        assert stranger.get(url(desk, path)).status_code == 404
    other = make_desk(session)
    assert client.get(url(other, f"/groups/{group.id}")).status_code == 404
