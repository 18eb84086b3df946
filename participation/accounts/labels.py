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
    "code": "コード",
    "valid_from": "開始日",
    "valid_to": "最終日",
    "last_day": "最後の日",
    "effective_on": "引継ぎの日",
    "position": "並び順",
    "contact": "連絡先",
    "address": "所在地",
    "hours": "利用できる時間",
    "label": "名称",
    "policy": "対応方針",
}
