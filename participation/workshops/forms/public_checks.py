"""What is wrong with a registration's form, by the control that the sentence belongs to."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from flask_babel import gettext as _

from participation.core.errors import InvalidInput
from participation.core.wareki import western_year_of
from participation.mail.services import check_address
from participation.submissions.sender_fields import LONGEST
from participation.web.templating import translated
from participation.workshops.childcare import Child, age_words, is_looked_after
from participation.workshops.forms.public_form import Draft, DraftChild
from participation.workshops.models import SeatKind, SeatMethod
from participation.workshops.needs import LONGEST_NOTE, WITH_WORDS
from participation.workshops.queries.form_offers import FormOffer, OfferedPool
from participation.workshops.services.extra_fields import check_extra

_LONGEST_NAME = 80
_LONGEST_CODE = 60


def party_of(draft: Draft, offer: FormOffer) -> int | None:
    """Return how many people, oneself included; None when it is no number that is possible."""
    text = unicodedata.normalize("NFKC", draft.party)
    if not text.isascii() or not text.isdigit():
        return None
    party = int(text)
    return party if 1 <= party <= offer.largest_party else None


def child_of(typed: DraftChild) -> Child | None:
    """Return a child whose birth date is a day of the calendar; None otherwise."""
    year = _year(typed.year)
    month, day = (_number(part) for part in (typed.month, typed.day))
    if year is None or month is None or day is None:
        return None
    try:
        return Child(typed.name, date(year, month, day))
    except ValueError:
        return None


def check_draft(draft: Draft, offer: FormOffer, now: datetime) -> dict[str, str]:
    """Return what is wrong with the form: control's id to a sentence; empty when all is well.

    Whether there is still a seat is not decided here.
    """
    errors: dict[str, str] = {}
    _check_days(draft, offer, now, errors)
    if party_of(draft, offer) is None:
        errors["party"] = _(
            "人数は、1から%(most)sまでの数字で入力してください。", most=offer.largest_party
        )
    _check_childcare(draft, offer, now, errors)
    _check_code(draft, offer, errors)
    if offer.eligibilities and draft.eligibility_id not in {
        row_id for row_id, _label in offer.eligibilities
    }:
        errors["eligibility"] = _("あてはまるものを1つ選んでください。")
    _check_sender(draft, offer, errors)
    _check_extra(draft, offer, errors)
    _check_needs(draft, errors)
    return errors


def _check_days(draft: Draft, offer: FormOffer, now: datetime, errors: dict[str, str]) -> None:
    groups = {group.key: group for group in offer.open_groups(now)}
    if not draft.chosen:
        errors["days"] = _("参加する日を選んでください。")
    for key, pool_id in draft.chosen.items():
        group = groups.get(key)
        if group is None or all(pool.id != pool_id for pool in group.pools):
            errors[f"day-{key}"] = _("この日の受付は終わりました。ほかの日を選んでください。")


def _check_childcare(draft: Draft, offer: FormOffer, now: datetime, errors: dict[str, str]) -> None:
    if not draft.childcare:
        return
    open_now = {pool.id: pool for pool in offer.open_childcare(now)}
    wished = [open_now[pool_id] for pool_id in draft.childcare if pool_id in open_now]
    if len(wished) != len(draft.childcare):
        errors["childcare"] = _("託児の受付は終わりました。")
    elif not all(_is_covered(pool, draft, offer) for pool in wished):
        errors["childcare"] = _("託児は、会場で参加する日だけ申し込めます。")
    if not draft.sent_children:
        errors["c0-name"] = _("お子さんの名前と生年月日を入力してください。")
    for number, typed in enumerate(draft.children):
        if not typed.is_empty:
            _check_child(number, typed, wished, errors)


def _check_child(
    number: int, typed: DraftChild, wished: Sequence[OfferedPool], errors: dict[str, str]
) -> None:
    if not typed.name:
        errors[f"c{number}-name"] = _("お子さんの名前を入力してください。")
    elif len(typed.name) > _LONGEST_NAME:
        errors[f"c{number}-name"] = _too_long(_("お子さんの名前"), _LONGEST_NAME)
    child = child_of(typed)
    if child is None:
        errors[f"c{number}-year"] = _(
            "生年月日を、暦にある日付で入力してください（例：2024年2月29日）。"
        )
        return
    for pool in wished:
        if not all(is_looked_after(pool, child.born, day) for day in pool.days):
            errors[f"c{number}-year"] = _(
                "託児の対象は、当日の年齢が%(ages)sのお子さんです。", ages=age_words(pool)
            )


def _is_covered(pool: OfferedPool, draft: Draft, offer: FormOffer) -> bool:
    """Whether the form also asks for a seat at the venue on the day of this childcare."""
    pools = offer.pools
    chosen = [pools[pool_id] for pool_id in draft.chosen.values() if pool_id in pools]
    return any(
        one.kind is SeatKind.VENUE and (one.day_id is None or pool.day_id in {None, one.day_id})
        for one in chosen
    )


def needs_code(draft: Draft, offer: FormOffer) -> bool:
    """Whether one of the seats wished for is for who was invited."""
    pools = offer.pools
    return any(
        pools[pool_id].method is SeatMethod.INVITED
        for pool_id in draft.chosen.values()
        if pool_id in pools
    )


def _check_code(draft: Draft, offer: FormOffer, errors: dict[str, str]) -> None:
    if needs_code(draft, offer) and not draft.code:
        errors["code"] = _("案内に書かれた招待コードを入力してください。")
    elif len(draft.code) > _LONGEST_CODE:
        errors["code"] = _too_long(_("招待コード"), _LONGEST_CODE)


def _check_sender(draft: Draft, offer: FormOffer, errors: dict[str, str]) -> None:
    for one in offer.wanted:
        value, name = draft.sender.get(one.key, ""), translated(one.label)
        if one.required and not value:
            errors[f"s-{one.key}"] = _("%(field)sを入力してください。", field=name)
        elif len(value) > LONGEST[one.key]:
            errors[f"s-{one.key}"] = _too_long(name, LONGEST[one.key])
        elif value and one.key == "email":
            _check_address("s-email", value, errors)
    if draft.mail_to:
        _check_address("mail_to", draft.mail_to, errors)


def _check_extra(draft: Draft, offer: FormOffer, errors: dict[str, str]) -> None:
    for one in offer.extra:
        try:
            check_extra([one], draft.extra)
        except InvalidInput as error:
            errors[f"x-{one.key}"] = str(error)


def _check_needs(draft: Draft, errors: dict[str, str]) -> None:
    if len(draft.needs_note) > LONGEST_NOTE:
        errors["needs_note"] = _too_long(_("配慮の内容"), LONGEST_NOTE)
    elif WITH_WORDS & set(draft.needs) and not draft.needs_note:
        errors["needs_note"] = _("どの言語か、またはどのような配慮が必要かを書いてください。")


def _check_address(name: str, address: str, errors: dict[str, str]) -> None:
    try:
        check_address(address)
    except InvalidInput as error:
        errors[name] = str(error)


def _too_long(field: str, longest: int) -> str:
    return str(
        _("%(field)sは%(longest)s文字以内で入力してください。", field=field, longest=longest)
    )


def _number(text: str) -> int | None:
    narrow = unicodedata.normalize("NFKC", text)
    return int(narrow) if narrow.isascii() and narrow.isdigit() and len(narrow) <= 4 else None  # noqa: PLR2004


_ERAS: Mapping[str, str] = {"令和": "令和", "R": "令和", "平成": "平成", "H": "平成"}


def _year(text: str) -> int | None:
    """Return a western year, also from 令和6 or R6."""
    narrow = unicodedata.normalize("NFKC", text).strip().removesuffix("年").upper()
    for sign, era in _ERAS.items():
        if narrow.startswith(sign):
            rest = narrow.removeprefix(sign).strip()
            known = rest == "元" or _number(rest) is not None
            return western_year_of(era, rest) if known else None
    return _number(narrow)
