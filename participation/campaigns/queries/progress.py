"""How far the answers of a campaign are: the share that is ready, as a whole and by section."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, OpinionGroup
from participation.campaigns.queries.counts import GroupCount, group_counts
from participation.campaigns.queries.groups import ungrouped_number


@dataclass(frozen=True)
class SectionProgress:
    """How far the answers of one section (係) are; an empty name: assigned to nobody."""

    section: str
    groups: int
    written: int  # groups with a 市の考え方
    ready: int
    opinions: int  # 件 in its groups
    opinions_ready: int  # of those, in ready groups


@dataclass(frozen=True)
class AnswerProgress:
    """How far the answers of a campaign are."""

    total: SectionProgress
    sections: tuple[SectionProgress, ...]
    ungrouped: int  # opinions that still have no group

    @property
    def share(self) -> float:
        """The answered share of all opinions that must be answered, 0 to 1."""
        whole = self.total.opinions + self.ungrouped
        return self.total.opinions_ready / whole if whole else 0.0


def progress(session: Session, campaign: Campaign) -> AnswerProgress:
    """Return how far the answers of ``campaign`` are, sections by name, nobody's last."""
    counted = group_counts(session, campaign)
    sections: dict[str, SectionProgress] = {}
    rows = session.execute(
        select(
            OpinionGroup.id,
            OpinionGroup.assigned_to,
            OpinionGroup.ready,
            func.length(OpinionGroup.view) > 0,
        ).where(OpinionGroup.campaign_id == campaign.id)
    )
    for group_id, section, ready, written in rows:
        opinions = counted.get(group_id, GroupCount()).opinions
        line = SectionProgress(
            section, 1, int(written), int(ready), opinions, opinions if ready else 0
        )
        sections[section] = _sum(section, sections.get(section), line)
    ordered = sorted(sections.values(), key=lambda line: (line.section == "", line.section))
    total: SectionProgress | None = None
    for line in ordered:
        total = _sum("", total, line)
    return AnswerProgress(
        total or SectionProgress("", 0, 0, 0, 0, 0),
        tuple(ordered),
        ungrouped_number(session, campaign),
    )


def _sum(name: str, one: SectionProgress | None, other: SectionProgress) -> SectionProgress:
    if one is None:
        return SectionProgress(
            name,
            other.groups,
            other.written,
            other.ready,
            other.opinions,
            other.opinions_ready,
        )
    return SectionProgress(
        name,
        one.groups + other.groups,
        one.written + other.written,
        one.ready + other.ready,
        one.opinions + other.opinions,
        one.opinions_ready + other.opinions_ready,
    )
