"""Forms of a workshop's outcome: its words, its files, its publication."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FileField, RadioField, StringField, TextAreaField

from participation.submissions.services.uploads import ACCEPTED_WORDS
from participation.web.forms import VersionForm, at_most, required
from participation.workshops.forms.workshops import RELATED_HELP, RELATED_LIST, choices
from participation.workshops.labels import FILE_LABELS
from participation.workshops.models import WorkshopFileKind
from participation.workshops.services.outcomes import MAX_LINKS

# Inputs for campaigns on a new form; as many are empty behind those that are filled in.
ROWS = 2
_MARKDOWN = _l("見出しは行の初めに #、箇条書きは - を付けます。個人の名前は書かないでください。")


class OutcomeForm(VersionForm):
    """What was said, what came of it, and where it is taken up."""

    suggestions: Sequence[str] = ()  # campaigns

    said = TextAreaField(
        _l("出された意見"), [at_most(20_000)], description=_MARKDOWN, render_kw={"rows": 12}
    )
    became = TextAreaField(
        _l("意見を受けた市の考え方・反映したこと"),
        [at_most(20_000)],
        description=_l("何に、どのように反映したか、できないことはその理由も書きます。"),
        render_kw={"rows": 10},
    )
    campaigns = FieldList(
        StringField(
            _l("意見募集"),
            [at_most(400)],
            render_kw={"list": RELATED_LIST, "autocomplete": "off"},
        ),
        label=_l("反映先の意見募集"),
        description=RELATED_HELP,
        min_entries=ROWS,
        max_entries=MAX_LINKS,
    )
    plans = TextAreaField(
        _l("反映先の計画など"),
        [at_most(2_000)],
        description=_l("1行に1つ入力します。例：第6次総合計画 基本計画"),
        render_kw={"rows": 3},
    )


class FileForm(VersionForm):
    """A photograph or a material."""

    kind = RadioField(
        _l("種類"), choices=choices(FILE_LABELS), default=WorkshopFileKind.PHOTO.value
    )
    file = FileField(
        _l("ファイル"),
        description=_l(
            "写真はJPEG、PNG、WebP。撮影の場所や日時の記録は自動で取り除き、大きなものは縮小します。"
            "資料は%(kinds)s。",
            kinds=ACCEPTED_WORDS,
        ),
    )
    title = StringField(
        _l("写真に写っているもの・資料の名前"),
        [required(), at_most(200)],
        description=_l(
            "写真は、見えない方にも伝わる説明にします。例：グループに分かれて地図を囲み話し合う参加者"
        ),
    )


class RenameForm(VersionForm):
    """Another title of a file."""

    title = StringField(
        _l("写真に写っているもの・資料の名前"),
        [required(), at_most(200)],
        description=_l(
            "写真は、見えない方にも伝わる説明にします。例：グループに分かれて地図を囲み話し合う参加者"
        ),
    )


class FileActForm(VersionForm):
    """Moving or removing a file: nothing to type."""


class PublishForm(VersionForm):
    """Publication; a later one needs its reason."""

    reason = TextAreaField(
        _l("訂正の理由"),
        [at_most(500)],
        description=_l("公表されます。例：第2回の参加人数に誤りがありました。"),
        render_kw={"rows": 3},
    )
