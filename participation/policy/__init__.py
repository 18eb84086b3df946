"""Who may do what, on one page (permission_map.py); deny by default."""

from participation.policy.permissions import Permission
from participation.policy.predicates import holds, reachable_departments, reaches

__all__ = ["Permission", "holds", "reachable_departments", "reaches"]
