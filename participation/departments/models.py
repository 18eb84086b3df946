"""Tables of departments, their periods and their successors."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.db.base import Base


class Department(Base):
    """One organisation of the city through its whole life; its names stand in its periods."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    telephone: Mapped[str] = mapped_column(String(60), default="")
    fax: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    position: Mapped[int] = mapped_column(default=0)  # order in the city's organisation chart

    periods: Mapped[list["DepartmentPeriod"]] = relationship(
        back_populates="department", order_by="DepartmentPeriod.valid_from", lazy="selectin"
    )

    def name_on(self, day: date) -> str:
        """Return the name on ``day``; the nearest known name when the department had none then."""
        for period in self.periods:
            if period.covers(day):
                return period.name
        if day < self.periods[0].valid_from:
            return self.periods[0].name
        earlier = [period for period in self.periods if period.valid_from <= day]
        return earlier[-1].name

    def exists_on(self, day: date) -> bool:
        """Whether the department existed on ``day``."""
        return any(period.covers(day) for period in self.periods)


class DepartmentPeriod(Base):
    """A name and a parent (部) that a department had from one day to another, both included."""

    __tablename__ = "department_period"
    __table_args__ = (
        UniqueConstraint("department_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    name: Mapped[str] = mapped_column(String(120), index=True)
    division: Mapped[str] = mapped_column(String(120), default="")  # 部
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    department: Mapped[Department] = relationship(back_populates="periods")

    def covers(self, day: date) -> bool:
        """Whether ``day`` lies in this period."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class DepartmentSuccession(Base):
    """From ``effective_on`` the successor has taken over from the predecessor (n:m)."""

    __tablename__ = "department_succession"
    __table_args__ = (
        UniqueConstraint("predecessor_id", "successor_id"),
        CheckConstraint("predecessor_id <> successor_id", name="distinct"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    effective_on: Mapped[date]
