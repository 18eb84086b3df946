"""Japanese words for the fields that a held form may have."""

# Names of form fields as people know them; others are shown as they are.
FIELD_LABELS = {
    "text": "本文",
    "reason": "理由",
    "name": "名称",
    "title": "題名",
    "division": "部",
    "email": "メールアドレス",
    "telephone": "電話",
    "fax": "FAX",
    "note": "備考",
    "guideline_text": "指針の記載内容",
}
