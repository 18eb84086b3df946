"""Tables: the declarative base, the engine's options and the session bound to a request."""

from participation.db.base import Base

__all__ = ["Base"]
