"""The kinds of events that a city holds, each with its own extra fields: data, not code."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from participation.core.errors import InvalidInput
from participation.core.text import clean_input

KEY = "workshop.kinds"
MAX_KINDS = 60
MAX_FIELDS = 20
MAX_LABEL = 100
MAX_CHOICES = 30
DEFAULT_VERB = "を開催した"

FieldType = Literal["text", "longtext", "number", "date", "url", "choice"]
Where = Literal["page", "form"]
TYPE_LABELS: Final[dict[FieldType, str]] = {
    "text": "1行の文字",
    "longtext": "長い文章",
    "number": "数",
    "date": "日付",
    "url": "ウェブページのアドレス",
    "choice": "選択肢から1つ",
}
WHERE_LABELS: Final[dict[Where, str]] = {
    "page": "催しのページに載せる（職員が入力）",
    "form": "申込みのときに聞く（申し込む方が入力）",
}
# Also part of addresses and of topics that people follow: kind:workshop.town_meeting.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Field:
    """One more thing that a kind shows on its page, or asks on its form."""

    key: str
    label: str
    type: FieldType = "text"
    choices: tuple[str, ...] = ()
    where: Where = "page"
    required: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of event; ``verb`` ends the sentence of the yearly report: 「…」を開催した。"""

    key: str
    label: str
    fields: tuple[Field, ...] = ()
    verb: str = DEFAULT_VERB
    active: bool = True

    def fields_on(self, where: Where) -> tuple[Field, ...]:
        """Return the fields of the page, or those of the form."""
        return tuple(field for field in self.fields if field.where == where)


_HELD = "を実施した"
_SAMPLE = (
    Field("sample", "対象者数（人）", "number"),
    Field("way", "調査の方法", "choice", ("郵送", "ウェブ", "郵送とウェブ", "その他")),
)
_THEME = Field("theme", "テーマ")
_QUESTION = Field("question", "当日聞いてみたいこと", "longtext", where="form")
_FACILITATOR = Field("facilitator", "進行役")
_AGE = Field(
    "age",
    "年代",
    "choice",
    ("10代以下", "20代", "30代", "40代", "50代", "60代", "70代以上"),
    "form",
)

# The methods of taking part that a city's plan lists, and the briefing.
DEFAULT_KINDS: Final = (
    Kind("attitude_survey", "まちづくり市民意識調査", _SAMPLE, _HELD),
    Kind("moving_survey", "転入・転出アンケート", _SAMPLE, _HELD),
    Kind("pupil_survey", "児童・生徒等アンケート", _SAMPLE, _HELD),
    Kind("policy_panel", "施策評価委員会", (_THEME,)),
    Kind("remote_workshop", "リモート型ワークショップ", (_FACILITATOR, _AGE)),
    Kind("workshop", "市民ワークショップ", (_FACILITATOR, _AGE)),
    Kind("open_house", "オープンハウス", (Field("panels", "展示の内容", "longtext"),)),
    Kind("youth_survey", "新成人・若者アンケート", _SAMPLE, _HELD),
    Kind("web_survey", "市民WEBアンケート", (Field("url", "回答のページ", "url"),), _HELD),
    Kind("group_interview", "グループインタビュー", (_THEME,), _HELD),
    Kind("district_meeting", "地区市民会議", (Field("district", "対象の地区"), _QUESTION)),
    Kind("town_meeting", "タウンミーティング", (_THEME, _QUESTION)),
    Kind("public_comment", "パブリックコメントの説明", (_QUESTION,)),
    Kind("briefing", "説明会", (_QUESTION,)),
    Kind("other", "その他の催し"),
)


def kinds(stored: Mapping[str, Any]) -> tuple[Kind, ...]:
    """Return the city's kinds from ``City.lists``, hidden ones too."""
    plain = stored.get(KEY)
    return tuple(map(_kind, plain)) if plain else DEFAULT_KINDS


def kind_of(stored: Mapping[str, Any], key: str) -> Kind:
    """Return the kind of this key; one that the list no longer has is called by its key."""
    return next((kind for kind in kinds(stored) if kind.key == key), Kind(key, key, active=False))


def plain_kind(kind: Kind) -> dict[str, Any]:
    """Return a kind as ``City.lists`` stores it."""
    return {
        **asdict(kind),
        "fields": [asdict(field) | {"choices": list(field.choices)} for field in kind.fields],
    }


def check_kinds(plain: Any, *, field: str = "kinds") -> list[dict[str, Any]]:
    """Return kinds as they are stored.

    Raises:
        InvalidInput: something is no kind, a key or a name is missing, malformed, too long or
            doubled, a choice has nothing to choose from, or there are too many.

    """
    if not isinstance(plain, list) or not all(isinstance(line, Mapping) for line in plain):
        raise InvalidInput("催しの種類は、項目の付いた一覧にしてください。", field=field)
    if len(plain) > MAX_KINDS:
        raise InvalidInput(f"種類は{MAX_KINDS}個以内にしてください。", field=field)
    found = [check_kind(_read_kind(line, field), field=field) for line in plain]
    _refuse_doubles([kind.key for kind in found], "種類の記号", field)
    _refuse_doubles([kind.label for kind in found], "種類の名称", field)
    return [plain_kind(kind) for kind in found]


def check_kind(kind: Kind, *, field: str = "kinds") -> Kind:
    """Return one kind when it can be used.

    Raises:
        InvalidInput: as for ``check_kinds``.

    """
    _check_name(kind.key, kind.label, field)
    if len(kind.verb) > MAX_LABEL:
        raise InvalidInput(f"「{kind.label}」の述語が長すぎます。", field=field)
    if len(kind.fields) > MAX_FIELDS:
        raise InvalidInput(f"項目は{MAX_FIELDS}個以内にしてください。", field=field)
    for one in kind.fields:
        _check_name(one.key, one.label, field)
        if one.type == "choice" and not one.choices:
            raise InvalidInput(f"「{one.label}」の選択肢を入力してください。", field=field)
        if len(one.choices) > MAX_CHOICES or max(map(len, one.choices), default=0) > MAX_LABEL:
            raise InvalidInput(
                f"「{one.label}」の選択肢は{MAX_CHOICES}個、{MAX_LABEL}文字以内にしてください。",
                field=field,
            )
        _refuse_doubles(list(one.choices), f"「{one.label}」の選択肢", field)
    _refuse_doubles([one.key for one in kind.fields], "項目の記号", field)
    _refuse_doubles([one.label for one in kind.fields], "項目の名称", field)
    return kind


def _kind(plain: Mapping[str, Any]) -> Kind:
    return Kind(
        key=plain["key"],
        label=plain["label"],
        fields=tuple(
            Field(**(dict(one) | {"choices": tuple(one.get("choices", ()))}))
            for one in plain.get("fields", ())
        ),
        verb=plain.get("verb") or DEFAULT_VERB,
        active=plain.get("active", True),
    )


def _read_kind(line: Mapping[str, Any], field: str) -> Kind:
    _refuse_unknown(line, {"key", "label", "fields", "verb", "active"}, field)
    lines = line.get("fields", [])
    if not isinstance(lines, list) or not all(isinstance(one, Mapping) for one in lines):
        raise InvalidInput("種類の fields は一覧にしてください。", field=field)
    return Kind(
        key=_text(line, "key", field),
        label=_text(line, "label", field),
        fields=tuple(_read_field(one, field) for one in lines),
        verb=_text(line, "verb", field) or DEFAULT_VERB,
        active=_flag(line, "active", field, default=True),
    )


def _read_field(line: Mapping[str, Any], field: str) -> Field:
    _refuse_unknown(line, {"key", "label", "type", "choices", "where", "required"}, field)
    type_ = next((one for one in TYPE_LABELS if one == line.get("type", "text")), None)
    where = next((one for one in WHERE_LABELS if one == line.get("where", "page")), None)
    if type_ is None or where is None:
        raise InvalidInput(
            f"項目の type は{'、'.join(TYPE_LABELS)}、where は{'、'.join(WHERE_LABELS)}の"
            "どれかにしてください。",
            field=field,
        )
    choices = line.get("choices", [])
    if not isinstance(choices, list | tuple) or not all(isinstance(one, str) for one in choices):
        raise InvalidInput("項目の choices は文字列の一覧にしてください。", field=field)
    cleaned = tuple(clean_input(one).strip() for one in choices)
    return Field(
        key=_text(line, "key", field),
        label=_text(line, "label", field),
        type=type_,
        choices=tuple(one for one in cleaned if one) if type_ == "choice" else (),
        where=where,
        required=_flag(line, "required", field, default=False),
    )


def _check_name(key: str, label: str, field: str) -> None:
    if not label or len(label) > MAX_LABEL:
        raise InvalidInput(f"名称は1文字以上{MAX_LABEL}文字以内にしてください。", field=field)
    if not _NAME.fullmatch(key):
        raise InvalidInput(
            f"「{label}」の記号は、英小文字で始まる半角の英小文字・数字・_ の40文字以内に"
            "してください。",
            field=field,
        )


def _refuse_doubles(values: list[str], what: str, field: str) -> None:
    doubled = sorted({value for value in values if values.count(value) > 1})
    if doubled:
        raise InvalidInput(f"{what}に同じものが2つあります：{'、'.join(doubled)}", field=field)


def _refuse_unknown(line: Mapping[str, Any], known: set[str], field: str) -> None:
    if set(line) - known:
        raise InvalidInput(f"各行は{'、'.join(sorted(known))}で書いてください。", field=field)


def _text(line: Mapping[str, Any], key: str, field: str) -> str:
    value = line.get(key, "")
    if not isinstance(value, str):
        raise InvalidInput(f"{key} は文字列にしてください。", field=field)
    return clean_input(value).strip()


def _flag(line: Mapping[str, Any], key: str, field: str, *, default: bool) -> bool:
    value = line.get(key, default)
    if not isinstance(value, bool):
        raise InvalidInput(f"{key} は true か false にしてください。", field=field)
    return value
