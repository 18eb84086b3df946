"""Editions for tests: built without setting a PDF, which costs seconds and is tested elsewhere."""

from sqlalchemy.orm import Session

from participation.core.actors import system_actor
from participation.files.frozen import BuiltFile
from participation.files.services import store
from participation.reports import export
from participation.reports.models import Edition
from participation.reports.queries import editions as queries
from participation.reports.queries.report import build_snapshot, default_columns
from participation.reports.services import editions as services

ACTOR = system_actor("test")


def drafted(session: Session, *, year=2024, now, **more) -> Edition:
    edition = services.draft_edition(
        session,
        fiscal_year=year,
        columns=more.pop("columns", default_columns(year)),
        paper="A3",
        actor=ACTOR,
        now=now,
        **more,
    )
    session.commit()
    return edition


def built(session: Session, edition: Edition, *, now) -> Edition:
    """Build as the worker does, with a stand-in for the PDF."""
    services.start_building(session, edition, actor=ACTOR, now=now)
    snapshot = build_snapshot(
        session,
        edition.fiscal_year,
        queries.columns_of(edition),
        now=now,
        number=edition.number,
        correction=edition.correction,
    )
    cp932 = export.report_csv(snapshot, encoding="cp932")
    contents = {
        "pdf": (b"%PDF-1.7 " + snapshot.digest().encode(), "application/pdf", ""),
        "xlsx": (export.report_xlsx(snapshot, created=now), export.XLSX_TYPE, ""),
        "csv": (export.report_csv(snapshot, encoding="utf-8-sig").data, export.CSV_TYPE, ""),
        "csv-cp932": (cp932.data, export.CSV_TYPE, "".join(cp932.replaced)),
    }
    files = {}
    for name, (data, media_type, replaced) in contents.items():
        stored = store(
            session, data, name=f"報告書.{name}", media_type=media_type, actor=ACTOR, now=now
        )
        files[name] = BuiltFile(stored.id, stored.sha256, replaced)
    services.finish_building(session, edition, snapshot, files=files, actor=ACTOR, now=now)
    session.commit()
    return edition


def published(session: Session, *, year=2024, now, **more) -> Edition:
    edition = built(session, drafted(session, year=year, now=now, **more), now=now)
    services.publish_edition(session, edition, pdf_sha256=edition.pdf_sha256, actor=ACTOR, now=now)
    session.commit()
    return edition
