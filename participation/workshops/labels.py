"""What the states, methods and kinds of workshops are called."""

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
STATUS_TONES = {
    RegistrationStatus.APPLIED: "info",
    RegistrationStatus.CONFIRMED: "success",
    RegistrationStatus.WAITLISTED: "info",
    RegistrationStatus.OFFERED: "warning",
    RegistrationStatus.CANCELLED: "neutral",
    RegistrationStatus.LOST: "neutral",
    RegistrationStatus.LAPSED: "neutral",
}
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
}
