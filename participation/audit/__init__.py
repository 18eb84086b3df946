"""Who did what, when, with old and new values, in a chain that shows tampering (監査記録)."""

from participation.audit.services import Event, hold_head, record, record_many

__all__ = ["Event", "hold_head", "record", "record_many"]
