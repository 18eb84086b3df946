"""The page that says who may do what: role → permission → how far."""

import enum

from participation.core.actors import Role
from participation.policy.permissions import Permission as P


class Scope(enum.Enum):
    """How far a permission reaches."""

    OWN = "own"  # the department of the appointment and those it succeeded
    CITY = "city"  # every department


PERMISSION_MAP: dict[Role, dict[P, Scope]] = {
    # 担当者: writes for the own department.
    Role.CONTRIBUTOR: {
        P.STAFF_HOME: Scope.CITY,
        P.OWN_ACCOUNT: Scope.CITY,
        P.JOB_READ: Scope.CITY,
        P.GUIDELINE_READ: Scope.CITY,
        P.ROUND_READ: Scope.CITY,
        P.ENTRY_READ: Scope.OWN,
        P.ENTRY_WRITE: Scope.OWN,
        P.ENTRY_IMPORT: Scope.OWN,
        P.CAMPAIGN_READ: Scope.OWN,
        P.CAMPAIGN_WRITE: Scope.OWN,
        P.SUBMISSION_READ: Scope.OWN,
        P.SUBMISSION_EXPORT: Scope.OWN,
        P.SUBMISSION_WRITE: Scope.OWN,
        P.SENDER_DISCLOSE: Scope.OWN,
        P.ANSWER_WRITE: Scope.OWN,
        P.WORKSHOP_READ: Scope.OWN,
        P.WORKSHOP_WRITE: Scope.OWN,
        P.REGISTRATION_READ: Scope.OWN,
        P.REGISTRATION_WRITE: Scope.OWN,
    },
    # 課長: confirms what somebody else of the department wrote; may write, but not approve that.
    Role.APPROVER: {
        P.STAFF_HOME: Scope.CITY,
        P.OWN_ACCOUNT: Scope.CITY,
        P.JOB_READ: Scope.CITY,
        P.GUIDELINE_READ: Scope.CITY,
        P.ROUND_READ: Scope.CITY,
        P.ENTRY_READ: Scope.OWN,
        P.ENTRY_WRITE: Scope.OWN,
        P.ENTRY_IMPORT: Scope.OWN,
        P.ENTRY_APPROVE: Scope.OWN,
        P.CAMPAIGN_READ: Scope.OWN,
        P.CAMPAIGN_WRITE: Scope.OWN,
        P.SUBMISSION_READ: Scope.OWN,
        P.SUBMISSION_EXPORT: Scope.OWN,
        P.SUBMISSION_WRITE: Scope.OWN,
        P.SENDER_DISCLOSE: Scope.OWN,
        P.ANSWER_WRITE: Scope.OWN,
        P.CAMPAIGN_APPROVE: Scope.OWN,
        P.WORKSHOP_READ: Scope.OWN,
        P.WORKSHOP_WRITE: Scope.OWN,
        P.REGISTRATION_READ: Scope.OWN,
        P.REGISTRATION_WRITE: Scope.OWN,
        P.WORKSHOP_APPROVE: Scope.OWN,
    },
    # 市民協働課: looks after the guideline, the round and the editions of the whole city.
    Role.COORDINATOR: {
        P.STAFF_HOME: Scope.CITY,
        P.OWN_ACCOUNT: Scope.CITY,
        P.JOB_READ: Scope.CITY,
        P.GUIDELINE_READ: Scope.CITY,
        P.GUIDELINE_WRITE: Scope.CITY,
        P.ROUND_READ: Scope.CITY,
        P.ROUND_WRITE: Scope.CITY,
        P.ENTRY_READ: Scope.CITY,
        P.ENTRY_CONFIRM: Scope.CITY,
        P.ENTRY_IMPORT: Scope.CITY,
        P.EDITION_READ: Scope.CITY,
        P.EDITION_WRITE: Scope.CITY,
        P.EDITION_PUBLISH: Scope.CITY,
        P.DEPARTMENT_READ: Scope.CITY,
        P.CAMPAIGN_READ: Scope.CITY,
        P.CAMPAIGN_LIST_WRITE: Scope.CITY,
        P.SUBMISSION_READ: Scope.CITY,
        P.SUBMISSION_EXPORT: Scope.CITY,
        P.WORKSHOP_READ: Scope.CITY,
        P.WORKSHOP_KIND_WRITE: Scope.CITY,
        P.REGISTRATION_READ: Scope.CITY,
    },
    # システム管理者: people, departments and the profile; no say in any entry.
    Role.ADMINISTRATOR: {
        P.STAFF_HOME: Scope.CITY,
        P.OWN_ACCOUNT: Scope.CITY,
        P.JOB_READ: Scope.CITY,
        P.JOB_WRITE: Scope.CITY,
        P.CITY_READ: Scope.CITY,
        P.CITY_WRITE: Scope.CITY,
        P.DEPARTMENT_READ: Scope.CITY,
        P.DEPARTMENT_WRITE: Scope.CITY,
        P.USER_READ: Scope.CITY,
        P.USER_WRITE: Scope.CITY,
        P.AUDIT_READ: Scope.CITY,
        P.OUTBOX_READ: Scope.CITY,
        P.OUTBOX_WRITE: Scope.CITY,
    },
    # 監査: reads everything, changes nothing but the own password; may have a file made of what is
    # there to read, for itself alone.
    Role.AUDITOR: {
        P.OWN_ACCOUNT: Scope.CITY,
        P.SUBMISSION_EXPORT: Scope.CITY,
        **{permission: Scope.CITY for permission in P if permission.only_reads},
    },
}
