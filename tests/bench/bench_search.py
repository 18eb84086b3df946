"""Searching 100,000 opinions by the index against LIKE over the same rows.

    .venv/bin/python -m tests.bench.bench_search [--opinions 100000] [--repeat 3] [--only …]
        [--public]

With ``--public`` the texts are public documents of four kinds and thirty departments, and each
word is counted in all, in one kind, in one department, in one kind of one department, and in one
fiscal year.

Words of one to six characters, eight of each length, from those that nearly every opinion has to
those that one has (spread evenly over the logarithm of their number). For each word the same
session counts by the index and by LIKE; what is held against the bar is the median of the ratios,
of the least of several runs each. The pages are the first thirty results.
"""

import argparse
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from participation.app import create_app
from participation.campaigns.models import Opinion, Submission
from participation.campaigns.queries import search as queries
from participation.campaigns.queries.search import SearchFilter
from participation.campaigns.search_sweeps import index_missing
from participation.campaigns.texts import text_key
from participation.db import search
from participation.db.extension import db
from participation.db.search import (
    Corpus,
    DocumentFilter,
    DocumentKind,
    PublicDocument,
    search_form,
)
from participation.submissions.models import Channel, Receipt
from tests.bench.bench_import import new_database
from tests.campaigns.arrange import make_campaign
from tests.campaigns.corpus import make_corpus
from tests.conftest import make_settings
from tests.factories import make_department
from tests.postgres import Server
from tests.schema import create_schema

BARS = {"SQLite": 50.0, "PostgreSQL": 20.0}
LENGTHS, WORDS = range(1, 7), 8
PAGE = 30
NOW = datetime(2024, 5, 10, tzinfo=UTC)


def fill(session: Session, texts: list[str]) -> int:
    """One submission with one opinion for each text; return the campaign's number."""
    campaign = make_campaign(session, make_department(session))
    numbers = range(1, len(texts) + 1)
    session.execute(
        insert(Receipt),
        [
            {
                "id": number,
                "number": f"R-{number}",
                "secret_hash": str(number),
                "idempotency_key": str(number),
                "subject": f"campaign:{campaign.id}",
                "channel": Channel.WEB,
                "received_at": NOW,
            }
            for number in numbers
        ],
    )
    session.execute(
        insert(Submission),
        [
            {
                "id": number,
                "campaign_id": campaign.id,
                "receipt_id": number,
                "channel": Channel.POST if number % 50 == 0 else Channel.WEB,
                "received_at": NOW,
                "arrived_on": NOW.date(),
            }
            for number in numbers
        ],
    )
    session.execute(
        insert(Opinion),
        [
            {
                "id": number,
                "campaign_id": campaign.id,
                "submission_id": number,
                "number": 1,
                "text": words,
                "text_key": text_key(words),
            }
            for number, words in zip(numbers, texts, strict=True)
        ],
    )
    session.commit()
    return campaign.id


def publish(session: Session, texts: list[str]) -> None:
    """One public document for each text, a kind and a department to each by turns."""
    kinds = list(DocumentKind)
    for start in range(0, len(texts), 2_000):
        search.publish(
            session,
            [
                PublicDocument(
                    reference=f"workshop:{number}",
                    scope_id=number,
                    kind=kinds[number % len(kinds)],
                    department_id=number % 30 + 1,
                    day=date(2024, 1, 1) + timedelta(days=number % 300),
                    title=words[:20],
                    text=words,
                )
                for number, words in enumerate(texts[start : start + 2_000], start=start)
            ],
        )
        session.commit()
        session.expunge_all()
    # As the worker's sweep does, which puts the index in order after whatever was written.
    while search.settle(session):
        session.commit()
    session.commit()


def measure_public(session: Session, words: list[str], repeat: int) -> dict[str, list[float]]:
    """Return the ratios of counts for each way to narrow them; print what a page takes."""
    kind, department_id = DocumentKind.RESULT, 2
    of_kind = PublicDocument.kind == kind
    narrowings = {
        "all": (DocumentFilter(""), []),
        "one kind": (DocumentFilter("", kinds=(kind,)), [of_kind]),
        "one department": (
            DocumentFilter("", department_id=department_id),
            [PublicDocument.department_id == department_id],
        ),
        "one year": (
            DocumentFilter("", first_day=date(2024, 4, 1), last_day=date(2025, 3, 31)),
            [PublicDocument.day.between(date(2024, 4, 1), date(2025, 3, 31))],
        ),
        "one kind of one department": (
            DocumentFilter("", kinds=(kind,), department_id=department_id),
            [of_kind, PublicDocument.department_id == department_id],
        ),
    }
    ratios: dict[str, list[float]] = {}
    for name, (wanted, conditions) in narrowings.items():
        pages = []
        for word in words:
            asked = replace(wanted, query=word)
            like = (
                select(func.count())
                .select_from(PublicDocument)
                .where(PublicDocument.text.like(f"%{word}%"), *conditions)
            )
            ours, found = least(repeat, lambda a=asked: search.count_documents(session, a))
            theirs, plain = least(repeat, lambda q=like: session.scalar(q) or 0)
            assert found >= plain, (word, found, plain)
            page, _ = least(
                repeat, lambda a=asked: len(search.find_documents(session, a, limit=PAGE + 1))
            )
            ratios.setdefault(name, []).append(theirs / ours)
            pages.append(page)
        print(
            f"  {name}: {statistics.median(ratios[name]):.0f}x at the median,"
            f" {min(ratios[name]):.1f}x at least; a page: median {statistics.median(pages):.2f} ms,"
            f" worst {max(pages):.2f} ms",
            flush=True,
        )
    return ratios


def choose(forms: list[str], chance: random.Random) -> list[str]:
    """Words of each length whose frequencies lie far apart."""
    chosen = []
    sample = chance.sample(forms, min(2_000, len(forms)))
    for length in LENGTHS:
        seen: dict[str, int] = {}
        while len(seen) < 300:
            form = chance.choice(sample)
            start = chance.randrange(max(len(form) - length, 1))
            word = form[start : start + length]
            # Words that LIKE finds as well: no blanks, nothing with another form.
            if len(word) == length and word.isalpha() and not any(map(str.isascii, word)):
                seen.setdefault(word, sum(word in other for other in sample))
        ordered = sorted(seen, key=lambda word: (seen[word], word))
        least, most = math.log(seen[ordered[0]] + 1), math.log(seen[ordered[-1]] + 1)
        for step in range(WORDS):
            wanted = least + (most - least) * step / (WORDS - 1)
            best = min(
                (word for word in ordered if word not in chosen),
                key=lambda word: abs(math.log(seen[word] + 1) - wanted),
            )
            chosen.append(best)
    return chosen


def least(repeat: int, act: Callable[[], int]) -> tuple[float, int]:
    """The least milliseconds of several runs, and what was returned."""
    times, result = [], 0
    for _ in range(repeat):
        start = time.perf_counter()
        result = act()
        times.append((time.perf_counter() - start) * 1000)
    return min(times), result


def measure(session: Session, campaign_id: int, words: list[str], repeat: int) -> list[float]:
    """Print one line a word; return the ratios."""
    ratios, pages, narrowed = [], [], []
    for word in words:
        like = (
            select(func.count())
            .select_from(Opinion)
            .where(Opinion.campaign_id == campaign_id, Opinion.text.like(f"%{word}%"))
        )
        ours, found = least(
            repeat,
            lambda w=word: search.count(session, Corpus.OPINION, w, scope_id=campaign_id),
        )
        theirs, plain = least(repeat, lambda q=like: session.scalar(q) or 0)
        assert found >= plain, (word, found, plain)  # retyped copies have blanks inside words
        wanted = SearchFilter(word, campaign_id=campaign_id)
        page, _ = least(
            repeat, lambda w=wanted: len(queries.find(session, w, reach=None, limit=PAGE + 1))
        )
        rare = SearchFilter(word, campaign_id=campaign_id, channel=Channel.POST)
        slow, _ = least(
            repeat, lambda w=rare: len(queries.find(session, w, reach=None, limit=PAGE + 1))
        )
        ratios.append(theirs / ours)
        pages.append(page)
        narrowed.append(slow)
        print(
            f"  {word}  {found:>7,} found in {ours:6.2f} ms, LIKE {theirs:6.1f} ms:"
            f" {theirs / ours:5.0f}x; page {page:.2f} ms, narrowed to post {slow:.2f} ms"
        )
    print(
        f"  a page: median {statistics.median(pages):.2f} ms, worst {max(pages):.2f} ms;"
        f" narrowed: median {statistics.median(narrowed):.2f} ms, worst {max(narrowed):.2f} ms"
    )
    return ratios


def run(
    name: str,
    server: Server | None,
    texts: list[str],
    words: list[str],
    repeat: int,
    *,
    public: bool,
) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        url = new_database(server, folder)
        settings = make_settings(Path(folder), url)
        create_schema(settings)
        app = create_app(settings)
        with app.app_context():
            session = db.session()
            campaign_id = 0 if public else fill(session, texts)
            before = size(session)
            start = time.perf_counter()
            if public:
                publish(session, texts)
            else:
                index_missing(session, living=False)
            spent = time.perf_counter() - start
            grown = (size(session) - before) / 1e6
            if server is not None:
                session.commit()
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
                    other.execute(text("VACUUM ANALYZE"))
            print(
                f"{name}: {len(texts):,} texts indexed at {len(texts) / spent:,.0f}/s,"
                f" the database grew by {grown:.0f} MB",
                flush=True,
            )
            if public:
                by_narrowing = measure_public(session, words, repeat)
            else:
                by_narrowing = {"all": measure(session, campaign_id, words, repeat)}
            db.session.remove()
            db.engine.dispose()
    reached = True
    for narrowing, ratios in by_narrowing.items():
        median = statistics.median(ratios)
        reached &= median >= BARS[name]
        print(
            f"{name}, {narrowing}: counts {median:.0f}x as fast as LIKE at the median,"
            f" {min(ratios):.1f}x at least"
            f" (bar {BARS[name]:.0f}x) {'ok' if median >= BARS[name] else 'MISSED'}",
            flush=True,
        )
    return reached


def size(session: Session) -> int:
    if session.get_bind().dialect.name == "sqlite":
        pages = session.scalar(text("PRAGMA page_count")) or 0
        return int(pages * (session.scalar(text("PRAGMA page_size")) or 0))
    return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--opinions", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=list(BARS))
    parser.add_argument("--public", action="store_true")
    options = parser.parse_args()
    texts = list(make_corpus(options.opinions, english=0).texts)
    words = choose(list(map(search_form, texts)), random.Random(7))
    print(f"{len(texts):,} opinions of {statistics.mean(map(len, texts)):.0f} characters")
    reached = True
    if options.only != "PostgreSQL":
        reached = run("SQLite", None, texts, words, options.repeat, public=options.public)
    if options.only == "SQLite":
        return int(not reached)
    server = Server()
    try:
        reached &= run("PostgreSQL", server, texts, words, options.repeat, public=options.public)
    finally:
        server.stop()
    return int(not reached)


if __name__ == "__main__":
    sys.exit(main())
