"""One registration and one draw, for tests that open every address."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import system_actor
from participation.workshops.models import RegistrationStatus, SeatKind, SeatMethod, Workshop
from participation.workshops.services.draws import draw
from tests.workshops.arrange import make_pool, make_registration


def make_registration_things(session: Session, workshop: Workshop) -> dict[str, Any]:
    """Return values for addresses of an application and of a draw of ``workshop``."""
    pool = make_pool(
        session,
        workshop,
        kind=SeatKind.ONLINE,
        method=SeatMethod.LOTTERY,
        closes_at=clock.now() - timedelta(minutes=1),
    )
    one = make_registration(session, pool, status=RegistrationStatus.APPLIED)
    record = draw(session, pool, actor=system_actor("試験"), now=clock.now())
    session.commit()
    return {"application_id": one.application_id, "draw_id": record.id}
