"""What happened, in Japanese."""

from participation.news.models import NewsEvent

EVENT_LABELS = {
    NewsEvent.ANNOUNCED: "お知らせを公表しました",
    NewsEvent.OPENED: "受付を始めました",
    NewsEvent.CHANGED: "変更・お知らせがあります",
    NewsEvent.EXTENDED: "期間を延ばしました",
    NewsEvent.POSTPONED: "延期します",
    NewsEvent.CANCELLED: "中止します",
    NewsEvent.DECIDED: "結果を公表しました",
}
