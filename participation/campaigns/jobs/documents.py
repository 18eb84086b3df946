"""Taking the text out of a document's PDF.

Reads first and lets go of the database, has the PDF read in a child process, and writes last.
"""

from participation.campaigns.documents.pdf_text import pdf_markdown
from participation.campaigns.models import Campaign, Document, DocumentVersion
from participation.campaigns.services.document_versions import take_pdf_text
from participation.core import clock
from participation.core.actors import Actor
from participation.db.engine import writing
from participation.files.models import StoredFile
from participation.files.services import read as read_stored
from participation.jobs.runner import JobRun


def read_pdf(run: JobRun) -> None:
    """Give an unpublished version the text of its PDF, as Markdown to be gone over."""
    session = run.session
    version = session.get(DocumentVersion, run.payload["version"])
    if version is None or version.published_at is not None or version.source:
        return  # an earlier run has done it, or the version is past it
    stored = session.get_one(StoredFile, version.file_id)
    file_id, name = stored.id, stored.name
    run.progress(0, 2, "PDFを読み取っています")
    data = read_stored(session, stored)
    session.rollback()
    source = pdf_markdown(data, name)
    run.progress(1, 2, "段落に分けています")
    with writing(session):
        version = session.get(DocumentVersion, run.payload["version"])
        if version is None or version.published_at is not None:
            return
        document = session.get_one(Document, version.document_id)
        take_pdf_text(
            session,
            session.get_one(Campaign, document.campaign_id),
            version,
            source,
            file_id=file_id,
            actor=Actor(staff_id=run.payload["staff_id"], name=run.payload["name"]),
            now=clock.now(),
        )
