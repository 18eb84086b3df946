"""The questions that the permission map answers."""

from participation.core.actors import Actor, Grant
from participation.policy.permission_map import PERMISSION_MAP, Scope
from participation.policy.permissions import Permission


def holds(actor: Actor, permission: Permission) -> bool:
    """Whether ``actor`` has ``permission`` in any department at all."""
    return actor.is_system or any(_scope(grant, permission) for grant in actor.grants)


def reaches(actor: Actor, permission: Permission, department_id: int) -> bool:
    """Whether ``actor`` has ``permission`` over the things of one department."""
    departments = reachable_departments(actor, permission)
    return departments is None or department_id in departments


def reachable_departments(actor: Actor, permission: Permission) -> frozenset[int] | None:
    """Return the departments over which ``actor`` has ``permission``; None means all of them."""
    if actor.is_system:
        return None
    reached: frozenset[int] = frozenset()
    for grant in actor.grants:
        scope = _scope(grant, permission)
        if scope is Scope.CITY:
            return None
        if scope is Scope.OWN:
            reached |= grant.department_ids
    return reached


def _scope(grant: Grant, permission: Permission) -> Scope | None:
    return PERMISSION_MAP[grant.role].get(permission)
