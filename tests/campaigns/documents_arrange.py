"""Documents as the tests need them, made with the services."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, Document, DocumentKind, DocumentVersion
from participation.campaigns.services import document_versions as versions
from participation.campaigns.services.document_versions import VersionContent
from participation.campaigns.services.documents import add_document
from participation.core import clock
from participation.core.actors import system_actor
from participation.files.models import StoredFile
from participation.files.services import store

ACTOR = system_actor("tests")
TEXT = """# 緑の基本計画（案）

## 第1章 目的

この計画は、市内の緑を守り、増やし、次の世代に伝えることを目的とする。

市民と事業者と市は、それぞれの役割を担い、協力して緑のまちづくりを進める。

## 第2章 現状

公園は12か所あり、一人当たりの面積は3.4平方メートルで、国の目標を下回っている。

街路樹は老木が多く、毎年およそ40本が倒木のおそれのため伐採され、補植は半分にとどまる。また、農地は20年で3割減り、里山の手入れをする人も少なくなった。
"""
CHANGED = (
    TEXT.replace("3.4平方メートル", "3.6平方メートル（令和6年度）")
    .replace("とどまる。また、", "とどまる。\n\n")
    .replace(
        "市民と事業者と市は、それぞれの役割を担い、協力して緑のまちづくりを進める。",
        "子どもたちの遊び場については別に定める。",
    )
)


def make_document(
    session: Session,
    campaign: Campaign,
    text: str = TEXT,
    *,
    title: str = "緑の基本計画（案）",
    file: StoredFile | None = None,
    publish: bool = True,
    now: datetime | None = None,
) -> tuple[Document, DocumentVersion]:
    """A document with its first version."""
    now = now or clock.now()
    document = add_document(
        session, campaign, kind=DocumentKind.DRAFT, title=title, actor=ACTOR, now=now
    )
    version = add_version(session, campaign, document, text, file=file, note="", now=now)
    if publish:
        publish_version(session, campaign, version, now=now)
    session.commit()
    return document, version


def add_version(
    session: Session,
    campaign: Campaign,
    document: Document,
    text: str,
    *,
    file: StoredFile | None = None,
    note: str = "面積を改めた。",
    now: datetime | None = None,
) -> DocumentVersion:
    """A version that is not published."""
    return versions.add_version(
        session,
        campaign,
        document,
        VersionContent(file.id if file else None, text, note),
        actor=ACTOR,
        now=now or clock.now(),
    )


def publish_version(
    session: Session, campaign: Campaign, version: DocumentVersion, now: datetime | None = None
) -> None:
    """Publish what is there."""
    versions.publish_version(
        session,
        campaign,
        version,
        seen=versions.version_seen(version),
        actor=ACTOR,
        now=now or clock.now(),
    )


def make_file(
    session: Session, data: bytes, name: str = "案.pdf", media_type: str = "application/pdf"
) -> StoredFile:
    """A stored file."""
    return store(session, data, name=name, media_type=media_type, actor=ACTOR, now=clock.now())
