"""What this feature adds to the app."""

from participation.administration.cli import keys
from participation.administration.views import (
    audit,
    city,
    city_lists,
    departments,
    home,
    jobs,
    outbox,
    people,
    rights,
    successions,
)
from participation.administration.views.blueprints import staff
from participation.policy import Permission
from participation.web.feature import Feature, NavigationLink

# Imported for their routes.
VIEWS = (audit, city, city_lists, departments, home, jobs, outbox, people, rights, successions)

feature = Feature(
    name="administration",
    staff=(staff,),
    cli=(keys,),
    navigation=(
        NavigationLink("今日の仕事", "staff.administration.home", Permission.STAFF_HOME, 0),
        NavigationLink("職員", "staff.administration.people", Permission.USER_READ, 60),
        NavigationLink("課", "staff.administration.departments", Permission.DEPARTMENT_READ, 62),
        NavigationLink("自治体の設定", "staff.administration.city", Permission.CITY_READ, 64),
        NavigationLink("監査記録", "staff.administration.audit_log", Permission.AUDIT_READ, 70),
        NavigationLink("送信メール", "staff.administration.outbox", Permission.OUTBOX_READ, 72),
        NavigationLink("処理の状況", "staff.administration.jobs", Permission.JOB_READ, 74),
        NavigationLink("権限の一覧", "staff.administration.permissions", Permission.STAFF_HOME, 80),
    ),
)
