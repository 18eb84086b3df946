"""Tables of staff, their appointments, invitations, sessions and held forms."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.core.actors import Role
from participation.db.base import Base
from participation.db.encryption import encrypted

# Roles whose rights lie in one department; the others reach the whole city.
DEPARTMENT_ROLES = frozenset({Role.CONTRIBUTOR, Role.APPROVER})


class StaffUser(Base):
    """A person who works for the city. Rights never hang here but on appointments."""

    __tablename__ = "staff_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # stored in lower case
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))  # None until invited in
    totp_secret: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    totp_confirmed_at: Mapped[datetime | None]
    # The last time step a code was accepted for, so that a seen code cannot be used again.
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    # A new secret whose first code has not come yet.
    totp_pending: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    appointments: Mapped[list["Appointment"]] = relationship(
        back_populates="user", order_by="Appointment.valid_from", lazy="selectin"
    )


class Appointment(Base):
    """Role × department × dates (both included): the only source of a right."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="order"),
        CheckConstraint(
            "department_id IS NOT NULL OR role NOT IN ('contributor', 'approver')",
            name="department",
        ),
        Index("ix_appointment_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    role: Mapped[Role]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    # Set when ended before its time; the right is gone at that moment, not at midnight.
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(Text, default="")

    user: Mapped[StaffUser] = relationship(back_populates="appointments")

    def is_active(self, day: date) -> bool:
        """Whether it gives its right on ``day``."""
        return (
            self.ended_at is None
            and self.valid_from <= day
            and (self.valid_to is None or day <= self.valid_to)
        )


class Invitation(Base):
    """A link by which a person sets password and second factor; only its hash is stored.

    What the person has set so far waits here: nothing of the account changes before the first
    code has come, so that a link opened and left alone does no harm.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))


class StaffSession(Base):
    """A signed-in browser. The cookie holds 256 random bits; only their hash is stored."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    # False between the password and the code; such a session opens nothing but the code page.
    second_factor_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # How the list of one's own sessions names it: "Firefox・Windows"; never a whole User-Agent.
    device: Mapped[str] = mapped_column(String(60), default="")


class SignInDelay(Base):
    """How often signing in went wrong lately, for one account from one network.

    Kept for unknown addresses just as for known ones; ``key`` is a keyed hash, so that nobody can
    read from this table who was tried.
    """

    __tablename__ = "sign_in_delay"
    __table_args__ = (CheckConstraint("failures > 0", name="failures"),)

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)


class HeldForm(Base):
    """What somebody typed when the session had run out, kept for them until they are back."""

    __tablename__ = "held_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    path: Mapped[str] = mapped_column(Text)
    # Encrypted JSON of [name, value] pairs.
    fields: Mapped[str] = mapped_column(Text, info=encrypted(row="nonce"))
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
