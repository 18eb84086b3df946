"""What public comments add to the app."""

from flask import Flask

from participation.campaigns.cli import group
from participation.campaigns.jobs.answer_forms import print_answer_form, renew_answer_forms
from participation.campaigns.jobs.clusters import (
    group_all_new_opinions,
    group_new_opinions,
    group_opinions,
)
from participation.campaigns.jobs.documents import read_pdf
from participation.campaigns.jobs.opinion_files import export_opinions
from participation.campaigns.jobs.results import freeze_result
from participation.campaigns.jobs.submissions import read_submissions, store_submissions
from participation.campaigns.jobs.yearly import print_yearly_list
from participation.campaigns.reporting import CampaignActivities
from participation.campaigns.search_sweeps import index_everything, index_living
from participation.campaigns.services.answer_forms import PRINT_JOB
from participation.campaigns.services.clockwork import move_by_clock
from participation.campaigns.services.clustering import GROUP_JOB
from participation.campaigns.services.document_versions import READ_PDF_JOB
from participation.campaigns.services.opinion_files import EXPORT_JOB
from participation.campaigns.services.result_approval import publish_due
from participation.campaigns.services.results import FREEZE_JOB
from participation.campaigns.services.retention import export_submission, forget_senders
from participation.campaigns.services.submission_import import READ_JOB, STORE_JOB
from participation.campaigns.services.yearly import PRINT_JOB as PRINT_YEAR_JOB
from participation.campaigns.sweeps import forget_networks, keep_terms
from participation.campaigns.views import (
    amendments,
    answer_form,
    answer_sheets,
    campaigns,
    categories,
    clusters,
    desk,
    document_versions,
    document_writing,
    documents,
    editing,
    groups,
    lineage,
    masks,
    memory,
    opinion_files,
    opinions,
    public_campaigns,
    public_search,
    reading,
    regrouping,
    result,
    result_acts,
    result_public,
    retention,
    search,
    steps,
    submission_imports,
    submissions,
    submit,
    writer,
    yearly,
)
from participation.campaigns.views.addresses import address_of, place_words
from participation.campaigns.views.answer_tasks import waiting_answers
from participation.campaigns.views.blueprints import public, staff
from participation.campaigns.views.cards import waiting_tasks
from participation.campaigns.views.desk_tasks import waiting_checks
from participation.campaigns.views.occasions import CampaignOccasions
from participation.campaigns.views.receipt import detail as receipt_detail
from participation.campaigns.views.result_tasks import waiting_results
from participation.policy import Permission
from participation.submissions.holders import Holder
from participation.web.feature import Feature, NavigationLink

# Imported for their routes.
VIEWS = (
    amendments,
    answer_form,
    answer_sheets,
    campaigns,
    categories,
    clusters,
    desk,
    document_versions,
    document_writing,
    documents,
    editing,
    groups,
    lineage,
    masks,
    opinion_files,
    opinions,
    public_campaigns,
    public_search,
    reading,
    regrouping,
    result,
    result_acts,
    result_public,
    retention,
    search,
    steps,
    submission_imports,
    submissions,
    submit,
    yearly,
)


def _setup(app: Flask) -> None:
    writer.init_app(app)
    result_public.init_app(app)
    memory.init_app(app)


feature = Feature(
    name="campaigns",
    public=(public,),
    staff=(staff,),
    cli=(group,),
    source=CampaignActivities(),
    navigation=(NavigationLink("意見募集", "staff.campaigns.index", Permission.CAMPAIGN_READ, 5),),
    every_minute=(move_by_clock, publish_due, renew_answer_forms, group_new_opinions, index_living),
    waiting=lambda session, actor, now: [
        *waiting_tasks(session, actor, now),
        *waiting_results(session, actor, now),
        *waiting_checks(session, actor, now),
        *waiting_answers(session, actor, now),
    ],
    occasions=CampaignOccasions(),
    addresses={"campaign": address_of},
    place_words={"campaign": place_words},
    sweeps=(forget_networks, keep_terms, group_all_new_opinions, index_everything),
    receipts={"campaign": receipt_detail},
    holders={"campaign": Holder(forget=forget_senders, export=export_submission)},
    setup=_setup,
    jobs={
        PRINT_YEAR_JOB: print_yearly_list,
        READ_PDF_JOB: read_pdf,
        FREEZE_JOB: freeze_result,
        READ_JOB: read_submissions,
        STORE_JOB: store_submissions,
        PRINT_JOB: print_answer_form,
        GROUP_JOB: group_opinions,
        EXPORT_JOB: export_opinions,
    },
)
