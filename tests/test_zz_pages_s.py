import threading
from datetime import timedelta
import pytest
from werkzeug.serving import make_server
from playwright.sync_api import sync_playwright
from axe_playwright_python.sync_playwright import Axe
from participation import audit
from participation.core import clock
from participation.core.actors import Actor, Role
from participation.jobs.services import enqueue
from participation.jobs.models import JobState
from participation.mail.models import MailState
from participation.mail.services import send
from tests.factories import make_department, make_user
import hashlib, secrets
from participation.accounts.models import StaffSession

def test_pages(app, session, settings):
    if "postgres" in settings.database_url: pytest.skip("one is enough")
    now = clock.now()
    dep = make_department(session, "環境政策課")
    user = make_user(session, Role.ADMINISTRATOR)
    for n in range(3):
        audit.record(session, "reports.entry.edited", actor=Actor(1, "伊勢 花子"), now=now, subject=f"entry:{n}", department_id=dep.id, before={"text": "古い本文" * 30, "state": "draft"}, after={"text": "新しい本文" * 30, "state": "submitted"}, reason="誤字のため" * 5)
    for st in MailState:
        m = send(session, kind="accounts.invitation", recipient="hanako.long.address@city.example.lg.jp", subject="s", body="b", now=now); m.state = st
        m.last_error = "宛先のサーバーが受け取りを拒みました（応答 550）。宛先を確かめてください。" if st is MailState.FAILED else ""
    ids = {}
    for st in JobState:
        j = enqueue(session, "reports.build_edition", {}, actor=Actor(user.id, "x"), now=now, label="令和6年度の年次報告 第1版"); j.state = st; session.flush(); ids[st] = j.id
        j.done_units, j.total_units = 3, 12
        j.error = "列がありません。列を選んでください。" if st is JobState.FAILED else ""
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=hashlib.sha256(token.encode()).hexdigest(), user_id=user.id, created_at=now, last_seen_at=now, second_factor_at=now))
    session.commit()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://localhost:{server.port}"
    bad = []
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width in (1280, 320):
            c = b.new_context(viewport={"width": width, "height": 900}, locale="ja-JP")
            c.add_cookies([{"name": "staff", "value": token, "url": url}])
            for name, path in {"audit": "/staff/audit", "audit422": "/staff/audit?first_day=x", "outbox": "/staff/outbox", "jobs": "/staff/jobs", "running": f"/staff/jobs/{ids[JobState.RUNNING]}", "failed": f"/staff/jobs/{ids[JobState.FAILED]}?next=/staff/", "done": f"/staff/jobs/{ids[JobState.DONE]}"}.items():
                page = c.new_page(); page.goto(url + path)
                if name == "audit": [d.evaluate("e => e.open = true") for d in page.query_selector_all("details")[:2]]
                page.screenshot(path=f"/tmp/sdev_p/{name}{width}.png", full_page=True)
                w = page.evaluate("document.documentElement.scrollWidth")
                found = Axe().run(page, options={"resultTypes": ["violations"]})
                faults = [(r["id"], [n["target"] for n in r["nodes"]][:3]) for r in found.response["violations"]]
                if w > width or faults: bad.append((name, width, w, faults))
                page.close()
        b.close()
    server.shutdown()
    assert bad == []
