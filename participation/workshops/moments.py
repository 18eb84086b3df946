"""Days and times of day as people type them, as instants; 24:00 is the end of a day."""

import re
from datetime import UTC, date, datetime, time

from participation.core.clock import TOKYO
from participation.core.deadlines import end_of_day
from participation.core.errors import InvalidInput

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
END_OF_DAY = "24:00"


def moment(day: date, clock_time: str, *, field: str, empty: str = "") -> datetime:
    """Return the instant of ``clock_time`` on ``day`` in Japan, in UTC.

    Args:
        day: the calendar day in Japan.
        clock_time: ``14:00``, full-width or not; ``24:00`` is the midnight that ends the day.
        field: the form field that an error is about.
        empty: what an empty time stands for; without it a time is needed.

    Raises:
        InvalidInput: it is no time of day.

    """
    typed = clock_time.translate(_NARROW).strip() or empty
    if typed == END_OF_DAY:
        return end_of_day(day)
    found = _TIME.fullmatch(typed)
    if found is None:
        raise InvalidInput("時刻は 14:00 のように入力してください。", field=field)
    at = time(int(found[1]), int(found[2]), tzinfo=TOKYO)
    return datetime.combine(day, at).astimezone(UTC)


def unless_same_minute(stored: datetime, typed: datetime) -> datetime:
    """Return ``stored`` where ``typed`` is its minute: a form shows no seconds."""
    return stored if stored.replace(second=0, microsecond=0) == typed else typed


def day_and_time(at: datetime) -> tuple[date, str]:
    """Return the day and the time of a deadline as one types them: midnight ends the day before."""
    local = at.astimezone(TOKYO)
    if local.time() == time.min:
        return date.fromordinal(local.date().toordinal() - 1), END_OF_DAY
    return local.date(), f"{local:%H:%M}"


_NARROW = {
    ord(wide): narrow for wide, narrow in zip("０１２３４５６７８９：", "0123456789:", strict=True)
}
