"""What receipts add to the app."""

from participation.submissions import pressure
from participation.submissions.cli import group
from participation.submissions.sweeps import erase_due_senders, erase_what_is_over
from participation.submissions.views import receipts
from participation.submissions.views.blueprints import public
from participation.web.feature import Feature

# Imported for their routes.
VIEWS = (receipts,)

feature = Feature(
    name="submissions",
    public=(public,),
    cli=(group,),
    sweeps=(erase_what_is_over, erase_due_senders),
    setup=pressure.init_app,
)
