"""Enums of public comments in Japanese."""

from participation.campaigns.models import (
    AnonymousPolicy,
    CampaignState,
    CountingRule,
    DeadlineRule,
    DocumentKind,
    ImportState,
    Lineage,
    NoticeKind,
    Outcome,
    PassageKind,
    Procedure,
    ResultState,
    SubjectType,
    YearlyList,
)

PROCEDURE_LABELS = {
    Procedure.COMMENT: "パブリックコメント",
    Procedure.INSPECTION: "縦覧",
}
STATE_LABELS = {
    CampaignState.PREPARING: "準備中",
    CampaignState.PLANNED: "募集予定",
    CampaignState.OPEN: "募集中",
    CampaignState.CLOSED: "締切",
    CampaignState.REVIEWING: "検討中",
    CampaignState.PUBLISHED: "結果公表",
    CampaignState.CANCELLED: "中止",
}
STATE_TONES = {
    CampaignState.PREPARING: "neutral",
    CampaignState.PLANNED: "info",
    CampaignState.OPEN: "success",
    CampaignState.CLOSED: "warning",
    CampaignState.REVIEWING: "warning",
    CampaignState.PUBLISHED: "info",
    CampaignState.CANCELLED: "neutral",
}
SUBJECT_LABELS = {
    SubjectType.PLAN: "計画・方針",
    SubjectType.BASIC_ORDINANCE: "市政の基本方針を定める条例",
    SubjectType.DUTY_ORDINANCE: "義務を課し、又は権利を制限する条例",
    SubjectType.FACILITY: "大規模な公共施設の基本計画",
    SubjectType.OTHER: "その他",
}
OUTCOME_LABELS = {
    Outcome.AMENDED: "修正して決定",
    Outcome.UNCHANGED: "原案のとおり決定",
    Outcome.NOT_ADOPTED: "決定しないこととした",
    Outcome.RENEWED: "案を見直し、改めて意見を募集する",
}
COUNTING_LABELS = {
    CountingRule.EACH_OPINION: "意見ごとに1件",
    CountingRule.PERSON_AND_GROUP: "同じ人の、同じ項目（グループ）への意見は合わせて1件",
}
ANONYMOUS_LABELS = {
    AnonymousPolicy.COUNT: "ほかの意見と同じく数える",
    AnonymousPolicy.REFERENCE: "参考として受け取り、件数に入れない",
}
DEADLINE_LABELS = {
    DeadlineRule.RECEIVED_BY_TIME: "最終日の指定時刻までに受信",
    DeadlineRule.OFFICE_HOURS: "最終日の開庁・開館時間内",
    DeadlineRule.POSTMARK: "最終日の消印有効",
    DeadlineRule.MUST_ARRIVE: "最終日必着",
}
DOCUMENT_LABELS = {
    DocumentKind.DRAFT: "案",
    DocumentKind.SUMMARY: "概要",
    DocumentKind.REFERENCE: "参考資料",
}
PASSAGE_LABELS = {
    PassageKind.HEADING: "見出し",
    PassageKind.PARAGRAPH: "段落",
    PassageKind.LIST_ITEM: "箇条書き",
    PassageKind.TABLE: "表",
}
LINEAGE_LABELS = {
    Lineage.KEPT: "同じ",
    Lineage.CHANGED: "変更",
    Lineage.SPLIT: "分割",
    Lineage.REMOVED: "削除",
}
NOTICE_LABELS = {
    NoticeKind.EXTENDED: "募集期間の延長",
    NoticeKind.DOCUMENT: "資料の差替え",
    NoticeKind.CANCELLED: "中止",
    NoticeKind.CORRECTED: "結果の訂正",
    NoticeKind.OTHER: "お知らせ",
}
RESULT_LABELS = {
    ResultState.DRAFT: "作成中",
    ResultState.SUBMITTED: "決裁待ち",
    ResultState.RETURNED: "差戻し",
    ResultState.APPROVED: "決裁済",
    ResultState.PUBLISHED: "公表",
    ResultState.DISCARDED: "取消し",
}
IMPORT_LABELS = {
    ImportState.READING: "読み取り中",
    ImportState.READY: "取り込み前の確認待ち",
    ImportState.REFUSED: "取り込めません",
    ImportState.STORED: "取り込み済",
    ImportState.DISCARDED: "取りやめ",
}
# Sections of a campaign's editing, in the order of the overview.
SECTION_LABELS = {
    "basics": "基本",
    "period": "期間",
    "channels": "提出方法",
    "eligibility": "提出できる方",
    "places": "閲覧場所",
    "areas": "関心のある分野",
    "contact": "問合せ先",
    "sender": "提出者に聞くこと",
    "counting": "数え方",
    "result": "結果の予定",
}
# What comes next, on the overview for staff.
NEXT_LABELS = {
    CampaignState.PREPARING: "内容を入力し、課長が要綱チェックを確かめて予告します。",
    CampaignState.PLANNED: "最初の日になると、自動で始まります。",
    CampaignState.OPEN: "最後の日が終わると、自動で締め切ります。",
    CampaignState.CLOSED: "意見を整理し、検討を始めます。",
    CampaignState.REVIEWING: "市の考え方をまとめ、結果を公表します。",
    CampaignState.PUBLISHED: "結果を公表しました。",
    CampaignState.CANCELLED: "中止しました。",
}
NEXT_WITHOUT_PERIOD = "期間が決まったら、課長が「期間を決める」で決定します。"
# The parts of the residents' list.
LIST_LABELS = {
    (CampaignState.OPEN,): "いま募集しているもの",
    (CampaignState.PLANNED,): "これから募集するもの",
    (CampaignState.CLOSED, CampaignState.REVIEWING): "検討しているもの",
}
YEARLY_LABELS = {YearlyList.PLANNED: "実施予定", YearlyList.HELD: "実施状況"}
# Columns of an opinion that hold a resident's words.
FIELD_LABELS = {"text": "意見", "reason": "理由", "place": "該当箇所"}
