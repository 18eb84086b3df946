"""What the overview of a workshop lists, section by section."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.city.areas import areas_of
from participation.core import clock
from participation.submissions.sender_fields import sender_fields
from participation.web.templating import fiscal_year_filter, translated
from participation.workshops.labels import PRIORITY_LABELS, SECTION_LABELS, SIGN_UP_LABELS
from participation.workshops.models import Workshop
from participation.workshops.needs import offered_needs
from participation.workshops.services.editing import may_edit
from participation.workshops.views.related import label_of

Rows = list[tuple[str, str]]


def sections(session: Session, workshop: Workshop) -> list[tuple[str, str, bool, Rows]]:
    """Return (name, label, whether it can be edited now, rows) of each section."""
    kind = city.kind_of(session, workshop.kind)
    reference = f"workshop:{workshop.id}"
    areas = areas_of(session, [reference]).get(reference, ())
    rows: dict[str, Rows] = {
        "content": _content(session, workshop, kind.label),
        "extra": [
            (field.label, str(workshop.extra.get(field.key, "")))
            for field in kind.fields_on("page")
        ],
        "areas": [(_("分野"), "、".join(areas))],
        "registering": _registering(workshop),
        "eligibility": [
            (str(number), one.label) for number, one in enumerate(workshop.eligibilities, start=1)
        ],
        "priority": _priority(workshop),
        "contact": [
            (_("係"), workshop.section_name),
            (_("電話"), workshop.phone),
            (_("FAX"), workshop.fax),
            (_("電子メール"), workshop.email),
        ],
    }
    return [
        (name, label, may_edit(workshop, name), rows[name])
        for name, label in SECTION_LABELS.items()
        # A kind without fields of its own has nothing to fill in.
        if name != "extra" or rows["extra"]
    ]


def _content(session: Session, workshop: Workshop, kind: str) -> Rows:
    return [
        (_("種類"), kind),
        (_("年度"), fiscal_year_filter(workshop.fiscal_year)),
        (_("概要"), workshop.summary),
        (_("説明"), workshop.description),
        (_("対象"), workshop.target),
        (_("参加費"), workshop.fee or _("無料")),
        (_("持ち物"), workshop.belongings),
        (_("主催"), workshop.organiser),
        (_("関係する計画"), workshop.plan_name),
        (
            _("関係する意見募集"),
            label_of(session, workshop.related, clock.now()) if workshop.related else "",
        ),
    ]


def _registering(workshop: Workshop) -> Rows:
    asked = [
        _("%(what)s（必須）", what=translated(one.label))
        if one.required
        else _("%(what)s（任意）", what=translated(one.label))
        for one in sender_fields(workshop.sender_fields)
    ]
    needs = [translated(label) for _key, label in offered_needs(workshop.needs)]
    reminder = workshop.reminder_days
    return [
        (_("申込み"), translated(SIGN_UP_LABELS[workshop.sign_up])),
        (_("1件で申し込める人数"), _("%(count)s人まで", count=workshop.largest_party)),
        (_("ほかの申込方法"), workshop.how_else),
        (_("聞くこと"), "、".join(asked)),
        (_("用意できる配慮"), "、".join(needs)),
        (_("繰上げのご案内に答える時間"), _("%(hours)s時間", hours=workshop.offer_hours)),
        (
            _("開催前のお知らせメール"),
            _("送らない") if reminder is None else _("開催の%(days)s日前", days=reminder),
        ),
        (_("氏名・連絡先の消去"), _("最後の開催日から%(days)s日後", days=workshop.retention_days)),
    ]


def _priority(workshop: Workshop) -> Rows:
    labels = {one.id: one.label for one in workshop.eligibilities}
    rows = []
    for number, rule in enumerate(workshop.priority, start=1):
        words = translated(PRIORITY_LABELS[rule["rule"]])
        if rule.get("ids"):
            words = "、".join(labels.get(one, "") for one in rule["ids"])
        rows.append((_("%(number)s番目", number=number), words))
    return rows
