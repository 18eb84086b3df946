"""What the yearly report adds to the app."""

from participation.policy import Permission
from participation.reports.cli import group
from participation.reports.jobs import build_edition, read_import, store_import
from participation.reports.search import index_editions
from participation.reports.services.editions import BUILD_JOB
from participation.reports.services.entry_import import READ_JOB, STORE_JOB
from participation.reports.views import (
    activities,
    approvals,
    editions,
    entries,
    entry_steps,
    exports,
    guideline,
    guideline_draft,
    guideline_items,
    imports,
    rounds,
)
from participation.reports.views import public as public_pages
from participation.reports.views.blueprints import public, staff
from participation.reports.views.cards import waiting_editions
from participation.reports.views.occasions import NAME, EditionOccasions, address_of
from participation.reports.views.tasks import waiting_tasks
from participation.web.feature import Feature, NavigationLink

# Imported for their routes.
VIEWS = (
    activities,
    approvals,
    editions,
    entries,
    entry_steps,
    exports,
    guideline,
    guideline_draft,
    guideline_items,
    imports,
    public_pages,
    rounds,
)

feature = Feature(
    name="reports",
    public=(public,),
    staff=(staff,),
    navigation=(
        NavigationLink("年次報告の入力", "staff.reports.index", Permission.ENTRY_READ, 10),
        NavigationLink("課内確認", "staff.reports.approvals", Permission.ENTRY_APPROVE, 12),
        NavigationLink(
            "とりまとめの確認", "staff.reports.confirmations", Permission.ENTRY_CONFIRM, 14
        ),
        NavigationLink("照会と進み具合", "staff.reports.rounds", Permission.ROUND_READ, 16),
        NavigationLink("報告書の作成と公開", "staff.reports.editions", Permission.EDITION_READ, 18),
        NavigationLink("記載の取り込み", "staff.reports.imports", Permission.ENTRY_IMPORT, 20),
        NavigationLink("記載の書き出し", "staff.reports.export_entries", Permission.ENTRY_READ, 22),
        NavigationLink("指針", "staff.reports.guideline_versions", Permission.GUIDELINE_READ, 30),
    ),
    cli=(group,),
    jobs={BUILD_JOB: build_edition, READ_JOB: read_import, STORE_JOB: store_import},
    waiting=lambda session, actor, now: [
        *waiting_tasks(session, actor, now),
        *waiting_editions(session, actor, now),
    ],
    occasions=EditionOccasions(),
    addresses={NAME: address_of},
    every_minute=(index_editions,),
    setup=public_pages.init_app,
)
