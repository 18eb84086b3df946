"""What workshops add to the app."""

from flask import Flask

from participation.policy import Permission
from participation.submissions.holders import Holder
from participation.web.feature import Feature, NavigationLink
from participation.workshops import models
from participation.workshops.cli import group
from participation.workshops.jobs.attendee_sheets import erase_sheets, print_attendees
from participation.workshops.jobs.draws import send_draw_letters
from participation.workshops.jobs.letters import send_letter
from participation.workshops.jobs.posters import print_poster, renew_posters
from participation.workshops.reporting import WorkshopActivities
from participation.workshops.search import index_workshops
from participation.workshops.services.attendee_sheets import SHEET_JOB
from participation.workshops.services.draws import LETTERS_JOB as DRAW_LETTERS_JOB
from participation.workshops.services.letters import LETTER_JOB
from participation.workshops.services.opening import tell_openings
from participation.workshops.services.posters import POSTER_JOB
from participation.workshops.services.promotion import lapse_due, promote_waiting
from participation.workshops.services.retention import export_application, forget_senders
from participation.workshops.sweeps import (
    ask_for_answers,
    forget_networks,
    keep_terms,
    remind,
)
from participation.workshops.views import (
    application,
    attendance,
    attendee_sheets,
    days,
    desk,
    door,
    draw_record,
    draws,
    editing,
    invitations,
    kinds,
    letters,
    list_numbers,
    memory,
    outcome,
    outcome_files,
    poster,
    public_outcome,
    public_questionnaire,
    public_workshops,
    questionnaire,
    register,
    registration,
    registration_exports,
    registrations,
    removing,
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
    attendance,
    attendee_sheets,
    days,
    desk,
    door,
    draw_record,
    draws,
    editing,
    invitations,
    kinds,
    letters,
    list_numbers,
    outcome,
    outcome_files,
    poster,
    public_outcome,
    public_questionnaire,
    public_workshops,
    questionnaire,
    register,
    registration,
    registration_exports,
    registrations,
    removing,
    seats,
    steps,
    workshops,
)


def _init_app(app: Flask) -> None:
    writer.init_app(app)
    memory.init_app(app)


feature = Feature(
    name="workshops",
    public=(public,),
    staff=(staff,),
    cli=(group,),
    navigation=(NavigationLink("催し", "staff.workshops.index", Permission.WORKSHOP_READ, 6),),
    waiting=waiting_tasks,
    every_minute=(lapse_due, promote_waiting, tell_openings, index_workshops),
    sweeps=(
        forget_networks,
        keep_terms,
        remind,
        ask_for_answers,
        erase_sheets,
        renew_posters,
    ),
    receipts={"workshop": receipt_detail},
    holders={"workshop": Holder(forget=forget_senders, export=export_application)},
    occasions=WorkshopOccasions(),
    addresses={NAME: address_of},
    source=WorkshopActivities(),
    setup=_init_app,
    jobs={
        DRAW_LETTERS_JOB: send_draw_letters,
        LETTER_JOB: send_letter,
        POSTER_JOB: print_poster,
        SHEET_JOB: print_attendees,
    },
)
