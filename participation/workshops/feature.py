"""What workshops add to the app."""

from participation.policy import Permission
from participation.submissions.holders import Holder
from participation.web.feature import Feature, NavigationLink
from participation.workshops import models
from participation.workshops.cli import group
from participation.workshops.jobs.draws import send_draw_letters
from participation.workshops.jobs.letters import send_letter
from participation.workshops.services.draws import LETTERS_JOB as DRAW_LETTERS_JOB
from participation.workshops.services.letters import LETTER_JOB
from participation.workshops.services.promotion import lapse_due, promote_waiting
from participation.workshops.services.retention import export_application, forget_senders
from participation.workshops.sweeps import forget_networks, keep_terms
from participation.workshops.views import (
    application,
    days,
    desk,
    draw_record,
    draws,
    editing,
    invitations,
    kinds,
    register,
    registration,
    registration_exports,
    registrations,
    seats,
    steps,
    workshops,
    writer,
)
from participation.workshops.views.blueprints import public, staff
from participation.workshops.views.occasions import NAME, WorkshopOccasions, address_of
from participation.workshops.views.receipt import detail as receipt_detail
from participation.workshops.views.tasks import waiting_tasks

# Imported for their tables.
MODELS = (models,)
# Imported for their routes.
VIEWS = (
    application,
    days,
    desk,
    draw_record,
    draws,
    editing,
    invitations,
    kinds,
    register,
    registration,
    registration_exports,
    registrations,
    seats,
    steps,
    workshops,
)

feature = Feature(
    name="workshops",
    public=(public,),
    staff=(staff,),
    cli=(group,),
    navigation=(NavigationLink("催し", "staff.workshops.index", Permission.WORKSHOP_READ, 6),),
    waiting=waiting_tasks,
    every_minute=(lapse_due, promote_waiting),
    sweeps=(forget_networks, keep_terms),
    receipts={"workshop": receipt_detail},
    holders={"workshop": Holder(forget=forget_senders, export=export_application)},
    occasions=WorkshopOccasions(),
    addresses={NAME: address_of},
    setup=writer.init_app,
    jobs={
        DRAW_LETTERS_JOB: send_draw_letters,
        LETTER_JOB: send_letter,
    },
)
