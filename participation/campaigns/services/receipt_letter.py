"""The copy of a receipt for whoever wants one, in the language of the form."""

from participation.campaigns.services.intake import NewSubmission
from participation.core.speech import Speech
from participation.mail import services as mail

KIND = "campaigns.receipt"


def receipt_letter(
    title: str, new: NewSubmission, number: str, url: str, *, late: bool
) -> mail.NewMessage:
    """Return the letter.

    Args:
        title: of the campaign.
        new: what was sent.
        number: 受付番号.
        url: where the receipt is looked up.
        late: whether it came after the deadline.

    """
    say = Speech(new.language)
    facts = [
        say.gettext("受付番号：%(number)s", number=number),
        say.gettext("照会コード：%(secret)s", secret=new.secret or ""),
        say.gettext("受付日時：%(moment)s", moment=say.written(new.received_at)),
        say.gettext("意見の数：%(count)s", count=len(new.opinions)),
    ]
    if late:
        facts.append(say.gettext("募集期間の終了後に届いたため、「期限後」として受け付けました。"))
    paragraphs = [
        say.gettext("次の意見募集への意見を受け付けました。"),
        title,
        "\n".join(facts),
        say.gettext(
            "受付番号と照会コードを次のページに入力すると、提出した内容と、結果の公表後は"
            "市の考え方を確かめられます。"
        )
        + f"\n{url}",
        say.gettext(
            "照会コードを知っている人は、提出した内容を見ることができます。"
            "このメールの取扱いにご注意ください。"
        )
        + "\n"
        + say.gettext("このメールに返信しても届きません。")
        + "\n",
    ]
    return mail.NewMessage(
        kind=KIND,
        recipient=new.mail_to,
        subject=say.gettext("意見を受け付けました"),
        body="\n\n".join(paragraphs),
    )
