"""Forms of a campaign's documents, their versions, and what became of a passage."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from participation.campaigns.labels import DOCUMENT_LABELS
from participation.campaigns.models import DocumentKind
from participation.submissions.services.uploads import ACCEPTED_WORDS
from participation.web.forms import Form, required

PASTED, MARKDOWN = "pasted", "markdown"


class NameForm(Form):
    """What a document is called."""

    kind = RadioField(
        _l("種類"),
        choices=[SelectChoice(kind.value, _l(words)) for kind, words in DOCUMENT_LABELS.items()],
        default=DocumentKind.DRAFT.value,
        validators=[InputRequired(_l("選んでください。"))],
    )
    title = StringField(
        _l("資料の名前"), validators=[required()], description=_l("例：緑の基本計画（案）")
    )
    seen = HiddenField()


class VersionForm(Form):
    """What a version consists of."""

    file = FileField(
        _l("ファイル"),
        description=_l("%(kinds)s。住民がダウンロードできます。", kinds=ACCEPTED_WORDS),
    )
    kept = HiddenField()  # the signed number of a file that came with an earlier try
    drop_file = BooleanField(_l("ファイルを外す"))
    source = TextAreaField(
        _l("本文"),
        description=_l(
            "本文があると、住民が画面で読み、段落を選んで意見を書けます。"
            "Wordなどからそのまま貼り付けられます。"
        ),
    )
    style = RadioField(
        _l("本文の書き方"),
        choices=[
            SelectChoice(
                PASTED,
                _l("貼り付けた文章（第1章、１、(1)を見出しに、・●○を箇条書きにします）"),
            ),
            SelectChoice(MARKDOWN, _l("Markdown（# 見出し、- 箇条書き、| 表 |）")),
        ],
        default=PASTED,
        validators=[InputRequired(_l("選んでください。"))],
    )
    note = TextAreaField(
        _l("前の版から変えたこと"), description=_l("公表されます。どこを、なぜ変えたかを書きます。")
    )
    version_seen = HiddenField()


class DocumentForm(NameForm, VersionForm):
    """A new document with its first version."""


class SuccessorForm(Form):
    """The passages that one passage became. The choices are those of the newer version."""

    targets = SelectMultipleField(
        _l("引き継ぐ段落"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("1つ選ぶと引き継ぎ、2つ以上選ぶと分割、1つも選ばないと削除になります。"),
    )
