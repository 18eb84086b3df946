"""Words of following in Japanese."""

from participation.portal.models import Rhythm

RHYTHM_LABELS = {
    Rhythm.DAILY: "毎日（朝7時にまとめて）",
    Rhythm.WEEKLY: "毎週（月曜日の朝7時にまとめて）",
}
