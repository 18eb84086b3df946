"""What one can follow, in the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.db.search import title_of as public_title
from participation.news.queries import title_of
from participation.news.topics import ALL, AREA, DEPARTMENT, KIND, THING, is_topic, split_topic
from participation.portal.views.narrowing import narrowing

Choice = tuple[str, str]  # topic, label
_MOST_THINGS = 20


@dataclass(frozen=True)
class TopicGroup:
    """Choices under one heading; ``language`` is that of the labels, if not the page's."""

    key: str
    title: str
    choices: Sequence[Choice]
    language: str = ""


@dataclass(frozen=True)
class Topics:
    """Everything that can be followed, and what is chosen."""

    things: Sequence[Choice]
    groups: Sequence[TopicGroup]
    chosen: frozenset[str]

    def known(self) -> list[str]:
        """Return the chosen topics that there are, in the order of the page."""
        every = [ALL, *(topic for topic, _label in self.things)]
        every += [topic for group in self.groups for topic, _label in group.choices]
        return [topic for topic in dict.fromkeys(every) if topic in self.chosen]


def topics(session: Session, wanted: Sequence[str], today: date) -> Topics:
    """Return what can be followed.

    Args:
        session: any session.
        wanted: topics as they came in an address or a form; what there is not is left out.
        today: for the names of departments.

    """
    found = narrowing(session, today)
    wanted = [topic for topic in wanted if is_topic(topic)]
    return Topics(
        things=_things(session, wanted),
        groups=(
            TopicGroup(
                KIND,
                _("種類で選ぶ"),
                [
                    (
                        f"{KIND}:{value}",
                        _("%(group)s（すべて）", group=label)
                        if number == 0 and len(group.kinds) > 1
                        else label,
                    )
                    for group in found.groups
                    for number, (value, label) in enumerate(group.kinds)
                ],
            ),
            TopicGroup(
                AREA, _("分野で選ぶ"), [(f"{AREA}:{area}", area) for area in found.areas], "ja"
            ),
            TopicGroup(
                DEPARTMENT,
                _("担当課で選ぶ"),
                [(f"{DEPARTMENT}:{number}", name) for number, name in found.departments],
                "ja",
            ),
        ),
        chosen=frozenset(wanted),
    )


def _things(session: Session, wanted: Sequence[str]) -> list[Choice]:
    """Return the single things among ``wanted`` that residents may know of, with their titles."""
    found: list[Choice] = []
    for topic in wanted:
        name, reference = split_topic(topic)
        if name != THING or len(found) >= _MOST_THINGS:
            continue
        title = title_of(session, reference) or public_title(session, reference)
        if title:
            found.append((topic, title))
    return found
