"""Words of following and of the search in Japanese."""

from participation.db.search import DocumentKind
from participation.portal.models import Rhythm

RHYTHM_LABELS = {
    Rhythm.DAILY: "毎日（朝7時にまとめて）",
    Rhythm.WEEKLY: "毎週（月曜日の朝7時にまとめて）",
}

DOCUMENT_LABELS = {
    DocumentKind.CAMPAIGN: "意見募集の案内",
    DocumentKind.RESULT: "意見募集の結果",
    DocumentKind.WORKSHOP: "催しの案内",
    DocumentKind.OUTCOME: "催しの開催結果",
    DocumentKind.EDITION: "市民参加の進捗状況",
}
