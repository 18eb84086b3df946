"""Forms of the steps in a workshop's life."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired

from participation.core import clock
from participation.core.errors import InvalidInput
from participation.web.forms import NOT_A_DAY, Day, VersionForm, at_most, required
from participation.workshops.models import WorkshopDay
from participation.workshops.moments import day_and_time, moment

_TOLD = _l("公表し、申し込んだ方にメールで知らせます。個人の名前や連絡先は書かないでください。")


class AnnounceForm(VersionForm):
    """Nothing to type: the checks are looked at."""


class ReasonForm(VersionForm):
    """Why something is postponed or cancelled."""

    reason = TextAreaField(
        _l("理由"), [required(), at_most(2_000)], description=_TOLD, render_kw={"rows": 4}
    )


class NoticeForm(VersionForm):
    """Something to tell residents."""

    text = TextAreaField(
        _l("お知らせ"),
        [required(), at_most(2_000)],
        description=_l(
            "すぐに公表され、日付とともに残ります。個人の名前や連絡先は書かないでください。"
        ),
        render_kw={"rows": 5},
    )
    by_mail = BooleanField(_l("申し込んだ方にもメールで知らせる"), default=True)


class NewTimeForm(PlainForm):
    """The new time of one day."""

    day = Day(_l("日付"), [InputRequired(NOT_A_DAY)])
    starts = StringField(_l("始まり"), [at_most(5)])
    ends = StringField(_l("終わり"), [at_most(5)])


def resume_form(days: Iterable[WorkshopDay], words: dict[int, str]) -> Any:
    """Return the form that asks for the new time of each of ``days``, called by ``words``."""
    parts = type(
        "TimesForm",
        (PlainForm,),
        {
            f"day_{day.id}": FormField(NewTimeForm, label=words[day.id], default=_now_at(day))
            for day in days
        },
    )

    class ResumeForm(VersionForm):
        days: Any = FormField(parts, label=_l("新しい日時"))
        text = TextAreaField(
            _l("お知らせ"), [required(), at_most(2_000)], description=_TOLD, render_kw={"rows": 4}
        )

        def new_times(self) -> dict[int, tuple[datetime, datetime]]:
            """Return the typed times by the ids of the days.

            Raises:
                InvalidInput: a time is none.

            """
            return {int(part.short_name.removeprefix("day_")): _times(part) for part in self.days}

    return ResumeForm()


def _times(part: Any) -> tuple[datetime, datetime]:
    try:
        return (
            moment(part["day"].data, part["starts"].data or "", field="starts"),
            moment(part["day"].data, part["ends"].data or "", field="ends"),
        )
    except InvalidInput as error:
        part[error.field or "starts"].errors = [str(error)]
        raise InvalidInput(f"{part.label.text}：{error}") from error


def _now_at(day: WorkshopDay) -> dict[str, Any]:
    return {
        "day": None,
        "starts": f"{clock.local(day.starts_at):%H:%M}",
        "ends": day_and_time(day.ends_at)[1],
    }
