"""Handing out files: as a download, inert, under their own names."""

from datetime import UTC, datetime

import pytest
from werkzeug.http import parse_options_header

from participation.core.actors import system_actor
from participation.files.services import object_key, store
from participation.files.web import send

HTML = b"<script>alert(1)</script>"


@pytest.fixture
def stored(session):
    def make(data=HTML, name="反対意見.html", media_type="text/html"):
        made = store(
            session,
            data,
            name=name,
            media_type=media_type,
            actor=system_actor("test"),
            now=datetime(2024, 6, 1, tzinfo=UTC),
        )
        session.commit()
        return made

    return make


def _send(app, file, *, inline=False, **request):
    with app.test_request_context(**request):
        response = app.process_response(send(file, inline=inline))
        return response, response.get_data()


def test_html_is_a_download_in_a_sandbox(app, stored):
    response, body = _send(app, stored())
    assert body == HTML
    assert response.headers["Content-Length"] == str(len(HTML))
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    kind, options = parse_options_header(response.headers["Content-Disposition"])
    assert (kind, options["filename"]) == ("attachment", "反対意見.html")


def test_html_is_a_download_even_where_inline_is_asked_for(app, stored):
    response, _ = _send(app, stored(), inline=True)
    assert response.headers["Content-Disposition"].startswith("attachment;")


def test_a_pdf_may_be_shown(app, stored):
    file = stored(b"%PDF-1.7", "報告.pdf", "application/pdf")
    response, _ = _send(app, file, inline=True)
    assert response.headers["Content-Disposition"].startswith("inline;")
    response, _ = _send(app, file)
    assert response.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    "name",
    ["a\"; filename*=UTF-8''evil.exe; x=\".pdf", "100%;.pdf", "𠮷田 髙﨑's.pdf", "a\\b.pdf"],
)
def test_no_name_breaks_the_header(app, stored, name):
    file = stored(b"x", name, "application/pdf")
    response, _ = _send(app, file)
    header = response.headers["Content-Disposition"]
    assert header.isascii()
    assert header.count("filename*=UTF-8''") == 1
    assert parse_options_header(header)[1]["filename"] == file.name


def test_an_unchanged_file_is_not_sent_twice(app, stored, settings):
    file = stored()
    first, _ = _send(app, file)
    again, body = _send(app, file, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, body) == (304, b"")
    # Not even looked at.
    (settings.data_dir / "files" / object_key(file.id)).unlink()
    again, _ = _send(app, file, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
