"""Letters to staff: plain text, everything in it readable without a picture."""

from datetime import datetime

from participation.core import clock, wareki


def invitation(*, name: str, link: str, expires_at: datetime, again: bool) -> tuple[str, str]:
    """Return subject and text of the letter with the link."""
    subject = (
        "【市民参加システム】パスワードと認証アプリの再設定のご案内"
        if again
        else "【市民参加システム】利用開始のご案内"
    )
    body = f"""{name} 様

市民参加システム（職員用）の利用に必要な設定をお願いします。
次のリンクを開き、パスワードと認証アプリを設定してください。

{link}

このリンクは{_moment(expires_at)}まで、1回だけ使えます。
期限が過ぎたときは、システム管理者に再送を依頼してください。

お心当たりがない場合は、リンクを開かず、システム管理者にお知らせください。
このメールは自動で送信しています。返信はできません。
"""
    return subject, body


def ways_in_changed(*, name: str, what: str, moment: datetime) -> tuple[str, str]:
    """Return the letter that tells a person that a way into the account was changed."""
    body = f"""{name} 様

{_moment(moment)}に、あなたの{what}が変更されました。

ご自身で変更した場合は、何もする必要はありません。
お心当たりがない場合は、すぐにシステム管理者にお知らせください。
このメールは自動で送信しています。返信はできません。
"""
    return f"【市民参加システム】{what}が変更されました", body


def _moment(moment: datetime) -> str:
    local = clock.local(moment)
    return f"{wareki.format_date(local.date())}{local:%H:%M}"
