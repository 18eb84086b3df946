"""The pages of a campaign and its result under load: against an empty Flask view, same server.

    .venv/bin/python -m tests.bench.bench_result_page [--seconds 2] [--rounds 8]

Both are served by granian with two workers of four threads, ours as in production on SQLite. The
result has 10,000 opinions in 500 groups, one of them with 5,000, and is read in pages; the client
goes round all of them and the pages of the large group's opinions. The bar is 0.2 of the empty
view, for the campaign's own page too.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from participation.app import create_app
from participation.campaigns.jobs import results as jobs
from participation.campaigns.models import Opinion, OpinionGroup
from participation.campaigns.texts import text_key
from participation.core import clock
from participation.core.settings import Settings
from participation.db.extension import db
from tests.bench.pages_under_load import Client, both_served, compare, options, pages_of
from tests.bench.server import free_port, production
from tests.campaigns.arrange import make_submission
from tests.campaigns.results import World
from tests.schema import create_schema

OPINIONS, GROUPS, LARGEST = 10_000, 500, 5_000
AT_ONCE = 1_000
LINKS = r'href="(/campaigns/\d+/result/\d+/[^"#.]*)[#"]'


def publish() -> int:
    """Publish a result of 10,000 opinions with a stand-in for its PDF; return the campaign's id."""
    jobs.result_pdf = lambda *_, **__: b"%PDF-"  # type: ignore[assignment]
    session = db.session()
    world = World(session)
    campaign_id = world.campaign.id
    groups = [
        OpinionGroup(
            campaign_id=campaign_id,
            number=number,
            position=number,
            heading=f"第{1 + number // 10}章",
            summary=f"{number}番目の要旨です。駐車場の場所と使い方を見直してほしい。",
            view=f"{number}番目の考え方です。" + "案に示したとおり、順に整えます。" * 6,
            category_id=world.category("B").id,
            ready=True,
            updated_at=clock.now(),
        )
        for number in range(1, GROUPS + 1)
    ]
    session.add_all(groups)
    session.flush()
    submission = make_submission(session, world.campaign, "はじめの意見です。")
    rows = []
    for number in range(2, OPINIONS + 1):
        text = f"{number}番目の意見です。" + "朝は満車で止められないことが多い。" * (number % 7)
        group = groups[0] if number <= LARGEST else groups[number % GROUPS]
        rows.append(
            {
                "campaign_id": campaign_id,
                "submission_id": submission.id,
                "number": number,
                "place": "",
                "reason": "",
                "text": text,
                "text_key": text_key(text),
                "group_id": group.id,
                "split": False,
                "out_of_scope": False,
                "assigned_to": "",
            }
        )
    for first in range(0, len(rows), AT_ONCE):
        session.execute(insert(Opinion), rows[first : first + AT_ONCE])
    session.query(Opinion).filter(Opinion.number == 1).update({"group_id": groups[0].id})
    session.commit()
    world.campaign.opens_on -= timedelta(days=1)
    world.published(outcome_note="案のとおりとします。")
    return campaign_id


def main() -> int:
    asked = options()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = production(Path(folder), f"sqlite:///{folder}/bench.sqlite3", port)
        settings = Settings.from_env(environment)
        create_schema(settings)
        with create_app(settings).app_context():
            campaign_id = publish()
            db.session.remove()
            db.engine.dispose()
        with both_served(environment, port) as empty:
            result, size = pages_of(port, f"/campaigns/{campaign_id}/result/", LINKS)
            print(f"{OPINIONS:,} opinions: {len(result)} pages of about {size:,} bytes")
            targets = {
                "campaign page": Client(port, [f"/campaigns/{campaign_id}/"]),
                "result pages": Client(port, result),
            }
            return compare(empty, targets, seconds=asked.seconds, rounds=asked.rounds)


if __name__ == "__main__":
    sys.exit(main())
