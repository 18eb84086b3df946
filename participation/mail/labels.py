"""States of a message in Japanese."""

from participation.mail.models import MailState

STATE_LABELS = {
    MailState.WAITING: "送信待ち",
    MailState.SENT: "送信済み",
    MailState.FAILED: "送信できず",
}
