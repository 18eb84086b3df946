"""What the states, methods and kinds of workshops are called."""

from participation.core.occasions import OccasionState
from participation.submissions.labels import CHANNEL_LABELS as _CHANNELS
from participation.submissions.models import Channel
from participation.workshops.models import (
    CheckInWay,
    LetterKind,
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    SignUp,
    WorkshopFileKind,
    WorkshopNoticeKind,
    WorkshopState,
)

STATE_LABELS = {
    WorkshopState.PREPARING: "準備中",
    WorkshopState.ANNOUNCED: "公表中",
    WorkshopState.POSTPONED: "延期",
    WorkshopState.CANCELLED: "中止",
    WorkshopState.REPORTED: "開催結果を公表",
}
STATE_TONES = {
    WorkshopState.PREPARING: "neutral",
    WorkshopState.ANNOUNCED: "success",
    WorkshopState.POSTPONED: "warning",
    WorkshopState.CANCELLED: "warning",
    WorkshopState.REPORTED: "info",
}
SIGN_UP_LABELS = {
    SignUp.WHOLE: "全日程をまとめて申し込む",
    SignUp.EACH_DAY: "参加する日を選んで申し込む",
    SignUp.NONE: "申込不要",
}
SEAT_LABELS = {
    SeatKind.VENUE: "会場",
    SeatKind.ONLINE: "オンライン",
    SeatKind.CHILDCARE: "託児",
}
METHOD_LABELS = {
    SeatMethod.FIRST_COME: "先着順",
    SeatMethod.LOTTERY: "抽選",
    SeatMethod.INVITED: "無作為抽出でご案内した方",
}
STATUS_LABELS = {
    RegistrationStatus.APPLIED: "抽選待ち",
    RegistrationStatus.CONFIRMED: "参加決定",
    RegistrationStatus.WAITLISTED: "キャンセル待ち",
    RegistrationStatus.OFFERED: "繰上げのご案内中",
    RegistrationStatus.CANCELLED: "取消し",
    RegistrationStatus.LOST: "落選",
    RegistrationStatus.LAPSED: "繰上げの期限切れ",
}
# What a claim says that was stored after the draw; AFTER_THE_DRAW in services/seat_decisions.py.
LAST_OF_ALL = "抽選後のため、キャンセル待ちの最後になります。"
STATUS_TONES = {
    RegistrationStatus.APPLIED: "info",
    RegistrationStatus.CONFIRMED: "success",
    RegistrationStatus.WAITLISTED: "info",
    RegistrationStatus.OFFERED: "warning",
    RegistrationStatus.CANCELLED: "neutral",
    RegistrationStatus.LOST: "neutral",
    RegistrationStatus.LAPSED: "neutral",
}
# At a desk of events most people call.
CHANNEL_LABELS = {**_CHANNELS, Channel.COUNTER: "電話・窓口"}
WAY_LABELS = {
    CheckInWay.QR: "QRコード",
    CheckInWay.HAND: "画面",
    CheckInWay.LIST: "名簿から入力",
}
NOTICE_LABELS = {
    WorkshopNoticeKind.CHANGED: "変更",
    WorkshopNoticeKind.POSTPONED: "延期",
    WorkshopNoticeKind.RESUMED: "日程の決定",
    WorkshopNoticeKind.CANCELLED: "中止",
    WorkshopNoticeKind.OTHER: "お知らせ",
}
FILE_LABELS = {
    WorkshopFileKind.PHOTO: "写真",
    WorkshopFileKind.MATERIAL: "資料",
}
LETTER_LABELS = {
    LetterKind.TYPED: "担当課からの連絡",
    LetterKind.CHANGED: "変更のお知らせ",
    LetterKind.POSTPONED: "延期のお知らせ",
    LetterKind.CANCELLED: "中止のお知らせ",
    LetterKind.QUESTIONNAIRE: "アンケートのお願い",
}
# Sections of a workshop's editing, in the order of the overview.
SECTION_LABELS = {
    "content": "内容",
    "extra": "種類ごとの項目",
    "areas": "関心のある分野",
    "registering": "申込みのきまり",
    "eligibility": "参加できる方",
    "priority": "優先のきまり",
    "contact": "問合せ先",
}
# Rules of priority by their names in ``Workshop.priority``.
PRIORITY_LABELS = {
    "first_time": "はじめて参加する方",
    "eligibility": "「参加できる方」の区分",
}
PATTERN_LABELS = {
    "weekly": "毎週",
    "fortnightly": "隔週",
    "month_weekday": "毎月、同じ週の同じ曜日",
    "month_day": "毎月、同じ日",
}
# What comes next, on the overview for staff.
NEXT_LABELS = {
    WorkshopState.PREPARING: "内容、日程、定員を入力し、課長が確かめて公表します。",
    WorkshopState.ANNOUNCED: "公表しています。受付と締切は、定員ごとの日時に自動で切り替わります。",
    WorkshopState.POSTPONED: "新しい日程が決まったら、課長が「新しい日程を決める」で公表します。",
    WorkshopState.CANCELLED: "中止しました。ページと理由は残ります。",
    WorkshopState.REPORTED: "開催結果を公表しました。",
}
# What a resident can do, on the home page and in the calendar.
OCCASION_LABELS = {
    OccasionState.COMING: "申込受付前",
    OccasionState.OPEN: "申込受付中",
    OccasionState.FULL: "キャンセル待ち受付中",
    OccasionState.CLOSED: "申込受付終了",
    OccasionState.OVER: "開催終了",
    OccasionState.DECIDED: "開催結果を公表",
    OccasionState.POSTPONED: "延期",
    OccasionState.CANCELLED: "中止",
}
# What more is to be said of seats there.
SEATS_SAY = {
    "not_needed": "申込不要",
    "all_taken": "満席",
    "invited_only": "ご案内した方のみ",
    "opens_mark": "申込受付開始",
    "closes_mark": "申込締切",
}
