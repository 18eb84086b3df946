"""What everybody may find: one row for each public page or part of a page."""

from datetime import date

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base, BigId


class PublicDocument(Base):
    """A public text with what a list of results shows of it; its feature knows the address."""

    __tablename__ = "public_document"
    __table_args__ = (Index("uq_public_document_place", "reference", "place", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(60))  # campaign:12
    place: Mapped[str] = mapped_column(String(60), default="")  # within it; "" is the whole
    source: Mapped[str] = mapped_column(String(60), default="")  # version that it was made from
    scope_id: Mapped[int] = mapped_column(BigInteger)  # the reference's number
    department_id: Mapped[int]  # no foreign key: this layer knows no departments
    day: Mapped[date]
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
