"""Errors that a rule of the domain raises; the web and the command line turn them into words."""


class DomainError(Exception):
    """A rule said no. ``str(error)`` is Japanese and says what to do next."""

    status = 400


class NotFound(DomainError):  # noqa: N818 -- the field's word for it
    """The thing does not exist, or not for this actor: the two look the same from outside."""

    status = 404


class PermissionDenied(DomainError):  # noqa: N818
    """The actor may not do this at all, in any department."""

    status = 403


class StateConflict(DomainError):  # noqa: N818
    """Somebody else was faster, or the thing is past the state in which this is possible."""

    status = 409


class InvalidInput(DomainError):  # noqa: N818
    """The input breaks a rule; ``field`` names the form field where that is known."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class SettingsError(Exception):
    """A setting is missing or unsafe; the system refuses to start."""
