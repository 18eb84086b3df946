"""The empty file for importing submissions, and the list of what is wrong with one."""

from datetime import datetime

from participation.campaigns.models import Campaign
from participation.campaigns.services.submission_rows import COLUMNS, NEEDED
from participation.core import clock
from participation.sheets.write_xlsx import Sheet, write_xlsx
from participation.submissions.labels import CHANNEL_LABELS

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What to write in each column; the example's people do not exist.
WHAT_TO_WRITE = {
    "number": "同じ番号の行は、1通の中の別々の意見になります。空欄なら1行が1通です。",
    "arrived_on": "市に届いた日。2026-11-22、R8.11.22、令和8年11月22日",
    "postmark_on": "郵送のときだけ。消印の日",
    "channel": "、".join(CHANNEL_LABELS.values()),
    "eligibility": "この募集の「提出できる方」のどれか。分からないときは空欄",
    "organisation": "団体からの意見のとき",
    "representative": "団体からの意見のとき",
    "name": "空欄なら匿名",
    "kana": "",
    "address": "",
    "phone": "",
    "email": "",
    "place": "案のどこについての意見か",
    "text": "意見の文。提出されたままに",
    "reason": "意見の理由",
}
_WIDTHS = {"text": 60, "reason": 40, "address": 30, "place": 20}


def described() -> list[tuple[str, bool, str]]:
    """Return each column's heading, whether it must be there, and what to write in it."""
    return [(names[0], name in NEEDED, WHAT_TO_WRITE[name]) for name, names in COLUMNS.items()]


def sample_xlsx(campaign: Campaign, *, now: datetime) -> bytes:
    """Return a workbook with the headings and two made-up rows, for people to write over."""
    today = clock.local_date(now).isoformat()
    kind = campaign.eligibilities[0].label if campaign.eligibilities else ""
    first = {
        "number": "1",
        "arrived_on": today,
        "channel": "FAX",
        "eligibility": kind,
        "name": "見本 花子",
        "address": "見本市中央1-1",
        "place": "12ページ",
        "text": "（ここに意見を書きます。この行は消してください）",
        "reason": "（ここに理由を書きます）",
    }
    second = {
        "number": "1",
        "arrived_on": today,
        "channel": "FAX",
        "text": "（同じ人の2つめの意見）",
    }
    rows = [tuple(row.get(name, "") for name in COLUMNS) for row in (first, second)]
    header = tuple(names[0] for names in COLUMNS.values())
    widths = tuple(_WIDTHS.get(name, 14) for name in COLUMNS)
    notes = Sheet(
        "書き方",
        ("見出し", "必要", "書くこと"),
        [(title, "必須" if needed else "", words) for title, needed, words in described()],
        (16, 8, 70),
    )
    sheets = [Sheet("意見", header, rows, widths), notes]
    return write_xlsx(sheets, title="提出された意見の取り込み", created=now)
