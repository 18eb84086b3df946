"""Who acts: a frozen picture of a person's rights at one moment, or the system itself."""

import enum
from dataclasses import dataclass


class Role(enum.Enum):
    """Roles of an appointment (役割)."""

    CONTRIBUTOR = "contributor"  # 担当者
    APPROVER = "approver"  # 課長
    COORDINATOR = "coordinator"  # 市民協働課
    ADMINISTRATOR = "administrator"  # システム管理者
    AUDITOR = "auditor"  # 監査


@dataclass(frozen=True)
class Grant:
    """One role; ``department_ids`` holds the department and those it succeeded.

    ``department_id`` is the department of the appointment itself, the one new things are made in.
    """

    role: Role
    department_id: int | None
    department_ids: frozenset[int]


@dataclass(frozen=True)
class Actor:
    """The one who acts. ``staff_id`` is None for the system (command line, worker)."""

    staff_id: int | None
    name: str
    grants: tuple[Grant, ...] = ()

    @property
    def is_system(self) -> bool:
        """Whether this is the command line or the worker, which an operator answers for."""
        return self.staff_id is None

    def has_role(self, role: Role) -> bool:
        """Whether any appointment of today has ``role``."""
        return any(grant.role is role for grant in self.grants)

    def departments(self, *roles: Role) -> frozenset[int]:
        """Return the departments (with their predecessors) in which one of ``roles`` is held."""
        return frozenset().union(*(g.department_ids for g in self.grants if g.role in roles))


def system_actor(name: str) -> Actor:
    """Return the actor for a command or a job, e.g. ``system_actor("reports load-entries")``.

    Clerks meet the name in histories, where a bare command would say nothing to them.
    """
    return Actor(staff_id=None, name=f"システム（{name}）")
