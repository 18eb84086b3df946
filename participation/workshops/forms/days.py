"""Forms of days and seats."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, NumberRange, Optional

from participation.city.models import Place
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.web.forms import NOT_A_DAY, Day, Several, VersionForm, at_most, required
from participation.workshops.forms.workshops import choices
from participation.workshops.labels import METHOD_LABELS, PATTERN_LABELS, SEAT_LABELS
from participation.workshops.models import SeatKind, SeatMethod, SeatPool
from participation.workshops.moments import END_OF_DAY, day_and_time, moment
from participation.workshops.recurrence import MOST, Pattern, Recurrence
from participation.workshops.services.days import DayTerms
from participation.workshops.services.pools import PoolTerms

_TIME = _l("例：14:00")
_BEGINNING = "0:00"
WHOLE = "whole"
ONCE = "once"


class DayForm(VersionForm):
    """One day."""

    day = Day(_l("日付"), [InputRequired(NOT_A_DAY)])
    starts = StringField(_l("始まり"), [required(), at_most(5)], description=_TIME)
    ends = StringField(
        _l("終わり"),
        [required(), at_most(5)],
        description=_l("例：16:00、日の終わりは 24:00"),
    )
    heading = StringField(
        _l("見出し"),
        [at_most(120)],
        description=_l("例：第1回「まちを歩く」"),
    )
    at_venue = BooleanField(_l("会場で開く"), default=True)
    place = SelectField(
        _l("市の場所から選ぶ"),
        coerce=int,
        validate_choice=False,
        description=_l("選ぶと、下の会場と所在地が空欄のとき、その名称と所在地を使います。"),
    )
    venue = StringField(_l("会場"), [at_most(200)])
    address = StringField(_l("所在地"), [at_most(200)])
    access = TextAreaField(_l("交通・駐車場"), [at_most(2_000)], render_kw={"rows": 3})
    latitude = StringField(
        _l("緯度"), [at_most(20)], description=_l("オープンデータと地図に使います。例：35.4025")
    )
    longitude = StringField(_l("経度"), [at_most(20)], description=_l("例：139.3147"))
    online = BooleanField(_l("オンラインで参加できる"))
    online_access = TextAreaField(
        _l("オンラインの参加方法"),
        [at_most(2_000)],
        description=_l(
            "アドレス、会議の番号、パスコードなど。暗号化して保存し、オンラインでの参加が決まった方の"
            "ページにだけ載せます。公開ページには載りません。公表した後に入力したり変えたりすると、"
            "その方にメールで知らせます。"
        ),
        render_kw={"rows": 3},
    )
    note = TextAreaField(_l("この日の内容"), [at_most(5_000)], render_kw={"rows": 4})
    notice = TextAreaField(
        _l("変更のお知らせ"),
        [at_most(2_000)],
        description=_l(
            "公表した後に、日を追加したり、日時・会場・参加の方法を変えたりするときは、"
            "変わったことと理由を書きます。公表し、申し込んだ方にメールで知らせます。"
        ),
        render_kw={"rows": 3},
    )

    def offer(self, places: Iterable[Place]) -> None:
        """Offer the city's own places."""
        self.place.choices = [
            SelectChoice(0, _l("選ばない")),
            *(SelectChoice(place.id, place.name) for place in places),
        ]

    def show(self, terms: DayTerms) -> None:
        """Put a day into the form."""
        for name, value in asdict(terms).items():
            if name in self:
                self[name].data = value
        self.day.data = clock.local_date(terms.starts_at)
        self.starts.data = f"{clock.local(terms.starts_at):%H:%M}"
        self.ends.data = day_and_time(terms.ends_at)[1]

    def terms(self, places: Iterable[Place], day: date | None = None) -> DayTerms:
        """Return what was typed, on ``day`` instead of its own if one is given.

        Raises:
            InvalidInput: a time is none.

        """
        on = day or self.day.data or date.min
        venue, address = (self.venue.data or "").strip(), (self.address.data or "").strip()
        chosen = next((place for place in places if place.id == self.place.data), None)
        if chosen is not None and self.at_venue.data:
            venue, address = venue or chosen.name, address or chosen.address
        return DayTerms(
            starts_at=moment(on, self.starts.data or "", field="starts"),
            ends_at=moment(on, self.ends.data or "", field="ends"),
            heading=self.heading.data or "",
            at_venue=bool(self.at_venue.data),
            online=bool(self.online.data),
            venue=venue,
            address=address,
            access=self.access.data or "",
            latitude=self.latitude.data or "",
            longitude=self.longitude.data or "",
            online_access=self.online_access.data or "",
            note=self.note.data or "",
        )


class NewDayForm(DayForm):
    """A day, or several by a rule."""

    pattern = SelectField(
        _l("くり返し"),
        choices=[
            SelectChoice(ONCE, _l("くり返さない")),
            *(SelectChoice(key, _l(label)) for key, label in PATTERN_LABELS.items()),
        ],
        default=ONCE,
        description=_l(
            "上の日付から始めて、同じ時刻・会場の日程を一度に追加します。第5週の曜日は最終週、"
            "その日のない月は月末とします。"
        ),
    )
    until = Day(_l("いつまで"), [Optional()])
    count = IntegerField(
        _l("または回数"),
        [Optional(), NumberRange(1, MOST)],
        description=_l("「いつまで」か「回数」のどちらか一方を入力します。"),
    )
    skips_closed = BooleanField(_l("祝日と市の休みの日を除く"), default=True)

    def recurrence(self) -> Recurrence | None:
        """Return the rule, None for a single day."""
        if self.pattern.data == ONCE:
            return None
        return Recurrence(
            Pattern(self.pattern.data),
            self.day.data or date.min,
            until=self.until.data,
            count=self.count.data,
        )


class SeatsForm(VersionForm):
    """The rules of a pool."""

    method = RadioField(
        _l("決め方"), choices=choices(METHOD_LABELS), default=SeatMethod.FIRST_COME.value
    )
    capacity = IntegerField(
        _l("定員"),
        [Optional(), NumberRange(1, 100_000)],
        description=_l(
            "人数（託児は子どもの人数）。先着順では、空欄にすると人数を限りません。"
            "申込みが入った後も増やせます。"
        ),
    )
    opens_on = Day(_l("受付を始める日"), [InputRequired(NOT_A_DAY)])
    opens_time = StringField(
        _l("受付を始める時刻"), [at_most(5)], description=_l("空欄は 0:00。例：9:00")
    )
    closes_on = Day(_l("締切の日"), [Optional()])
    closes_time = StringField(
        _l("締切の時刻"), [at_most(5)], description=_l("空欄はその日の終わり（24:00）。例：17:15")
    )
    has_waitlist = BooleanField(_l("満席や落選のとき、キャンセル待ちを受け付ける"), default=True)
    youngest_months = IntegerField(
        _l("託児：下の月齢"),
        [Optional(), NumberRange(0, 216)],
        description=_l("当日の年齢を月で数えます。例：生後6か月から → 6"),
    )
    oldest_months = IntegerField(
        _l("託児：上の月齢"),
        [Optional(), NumberRange(0, 216)],
        description=_l("例：3歳11か月まで → 47"),
    )
    until_school = BooleanField(_l("託児：小学校に入る前の子どもに限る"))

    def show(self, pool: SeatPool) -> None:
        """Put a pool into the form."""
        for name in (
            "capacity",
            "has_waitlist",
            "youngest_months",
            "oldest_months",
            "until_school",
        ):
            self[name].data = getattr(pool, name)
        self.method.data = pool.method.value
        opens = clock.local(pool.opens_at)
        self.opens_on.data, self.opens_time.data = opens.date(), f"{opens:%H:%M}"
        self.closes_on.data, self.closes_time.data = day_and_time(pool.closes_at)

    def terms(self, closes_on: date | None = None) -> PoolTerms:
        """Return what was typed; ``closes_on`` instead of the typed day if one is given.

        Raises:
            InvalidInput: a time is none, or there is no deadline.

        """
        day = closes_on or self.closes_on.data
        if day is None:
            raise InvalidInput("締切の日を入力してください。", field="closes_on")
        return PoolTerms(
            method=SeatMethod(self.method.data),
            capacity=self.capacity.data,
            opens_at=moment(
                self.opens_on.data or date.min,
                self.opens_time.data or "",
                field="opens_time",
                empty=_BEGINNING,
            ),
            closes_at=moment(
                day, self.closes_time.data or "", field="closes_time", empty=END_OF_DAY
            ),
            has_waitlist=bool(self.has_waitlist.data),
            youngest_months=self.youngest_months.data,
            oldest_months=self.oldest_months.data,
            until_school=bool(self.until_school.data),
        )


class NewSeatsForm(SeatsForm):
    """Seats of one kind, for the whole event or for several days at once."""

    kind = RadioField(_l("種類"), choices=choices(SEAT_LABELS), default=SeatKind.VENUE.value)
    days = Several(
        _l("どの日の定員か"),
        validate_choice=False,
        description=_l("選んだ日ごとに、同じきまりの定員を設けます。"),
    )
    days_before = IntegerField(
        _l("または、各日の何日前に締め切るか"),
        [Optional(), NumberRange(0, 365)],
        description=_l("日ごとに締切を変えるときに、「締切の日」の代わりに入力します。"),
    )

    def chosen(self) -> list[int | None]:
        """Return the ids of the chosen days; None for the whole event."""
        found: list[int | None] = []
        for value in self.days.data or []:
            if value == WHOLE:
                found.append(None)
            elif value.isascii() and value.isdigit():
                found.append(int(value))
        return found
