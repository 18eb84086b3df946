"""The answer form on paper (パブリックコメント意見等提出用紙): one A4 sheet, both sides.

Made from the campaign alone, so that the dates, the destinations and what is asked can't differ
from the web page; a code leads from the paper to that page.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from participation.campaigns.labels import PROCEDURE_LABELS
from participation.campaigns.models import Campaign, Procedure
from participation.campaigns.wording import JAPANESE
from participation.pdf.qr_code import code_of
from participation.pdf.renderer import render
from participation.pdf.templating import fill_in, stylesheet
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.submissions.sender_fields import SenderField, sender_fields

# Of the design below: another number prints every form anew.
_DESIGN = 1
_PAGES = 2


@dataclass(frozen=True)
class Way:
    """A way to hand the form in."""

    name: str
    deadline: str
    destination: str


@dataclass(frozen=True)
class AnswerSheet:
    """The words of one form."""

    municipality: str
    heading: str
    title: str
    period: str
    ways: tuple[Way, ...]
    fields: tuple[SenderField, ...]
    classes: tuple[str, ...]
    contact: tuple[str, ...]
    address: str  # of the campaign's page
    is_inspection: bool
    by_web: bool
    design: int = _DESIGN

    def digest(self) -> str:
        """Return the SHA-256 of the words: equal words need no new print."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def answer_sheet(
    campaign: Campaign, *, municipality: str, department: str, base_url: str
) -> AnswerSheet:
    """Return the words of a campaign's form.

    Args:
        campaign: with its period and channels.
        municipality: 見本市.
        department: the name of its department of today.
        base_url: the public address of this site.

    """
    first, last = campaign.opens_on, campaign.closes_on
    period = JAPANESE.planned(first, last, campaign.planned_period)
    ways = tuple(
        Way(
            CHANNEL_LABELS[one.channel],
            JAPANESE.deadline(one, last) if last is not None else "",
            one.destination.strip(),
        )
        for one in campaign.channels
        if one.channel is not Channel.WEB
    )
    office = "　".join(part for part in (department, campaign.section_name) if part)
    reach = (("電話", campaign.phone), ("FAX", campaign.fax), ("メール", campaign.email))
    return AnswerSheet(
        municipality=municipality,
        heading=f"{PROCEDURE_LABELS[campaign.procedure]}　意見等提出用紙",
        title=campaign.title,
        period=period,
        ways=ways,
        fields=sender_fields(campaign.sender_fields),
        classes=tuple(one.label for one in campaign.eligibilities),
        contact=(office, *(f"{name} {value}" for name, value in reach if value)),
        address=f"{base_url.rstrip('/')}/campaigns/{campaign.id}/",
        is_inspection=campaign.procedure is Procedure.INSPECTION,
        by_web=any(one.channel is Channel.WEB for one in campaign.channels),
    )


def answer_form_pdf(sheet: AnswerSheet, *, created: datetime) -> bytes:
    """Return the form as PDF/UA-1; the same words and moment give the same bytes.

    Raises:
        RenderError: the document could not be made.

    """
    html = fill_in("campaigns/pdf/answer_form.html", sheet=sheet, code=code_of(sheet.address))
    return render(
        html,
        stylesheet=stylesheet("campaigns/pdf/answer_form.css"),
        identifier=f"answer form {sheet.digest()}",
        created=created,
        expected_pages=_PAGES,
    )
