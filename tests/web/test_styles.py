"""The style sheet in one piece: every part is in it, and browsers keep it until a part changes."""

from participation.web import styles
from participation.web.templating import STATIC

# Linked by the pages that need them, or for paper.
APART = {"print", "report", "worksheet"}


def test_every_part_is_in_it_once():
    folder = STATIC / "css"
    parts = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.css")}
    assert set(styles.PARTS) == parts - APART
    assert len(styles.PARTS) == len(set(styles.PARTS))
    assert b".campaign-situation" in styles.style_sheet()


def test_it_is_kept_for_ever_under_its_own_address_only(app):
    client = app.test_client()
    with app.test_request_context():
        address = styles.address()
    answer = client.get(address)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert f'href="{address}"' in client.get("/health/nowhere").text
    assert client.get("/styles.css?v=old").headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(address, headers=known).status_code == 304
