"""What a stored value is called."""

# kind of subject and field → stored value → what it is called.
VALUE_LABELS = {
    ("document", "kind"): {"draft": "案", "summary": "概要", "reference": "参考資料"},
    ("passage", "relation"): {
        "kept": "同じ",
        "changed": "変更",
        "split": "分割",
        "removed": "削除",
    },
    ("entry", "state"): {
        "draft": "入力中",
        "submitted": "課内確認",
        "approved": "提出済",
        "confirmed": "確認済",
        "returned": "差戻し",
        "withdrawn": "取下げ",
    },
    ("entry", "kind"): {"result": "取り組み実績", "plan": "取り組み予定"},
    ("edition", "state"): {
        "draft": "下書き",
        "building": "作成中",
        "built": "作成済み",
        "failed": "作成に失敗",
        "published": "公開中",
        "discarded": "破棄",
    },
    ("guideline", "state"): {"draft": "下書き", "enacted": "施行", "discarded": "破棄"},
    ("staff", "role"): {
        "contributor": "担当者",
        "approver": "課長",
        "coordinator": "とりまとめ担当",
        "administrator": "システム管理者",
        "auditor": "監査",
    },
    ("message", "state"): {"waiting": "送信待ち", "sent": "送信済み", "failed": "失敗"},
    ("job", "state"): {"queued": "順番待ち", "running": "処理中", "done": "完了", "failed": "失敗"},
    ("workshop", "state"): {
        "preparing": "準備中",
        "announced": "公表中",
        "postponed": "延期",
        "cancelled": "中止",
        "reported": "開催結果を公表",
    },
    ("workshop", "sign_up"): {
        "whole": "全日程をまとめて申し込む",
        "each_day": "参加する日を選んで申し込む",
        "none": "申込不要",
    },
    ("workshop", "seat_kind"): {"venue": "会場", "online": "オンライン", "childcare": "託児"},
    ("workshop", "method"): {
        "first_come": "先着順",
        "lottery": "抽選",
        "invited": "無作為抽出でご案内した方",
    },
    ("campaign", "state"): {
        "preparing": "準備中",
        "planned": "募集予定",
        "open": "募集中",
        "closed": "締切",
        "reviewing": "検討中",
        "published": "結果公表",
        "cancelled": "中止",
    },
    ("campaign", "procedure"): {"comment": "パブリックコメント", "inspection": "縦覧"},
    ("campaign", "outcome"): {
        "amended": "修正して決定",
        "unchanged": "原案のとおり決定",
        "not_adopted": "決定しないこととした",
        "renewed": "案を見直し、改めて意見を募集する",
    },
    ("campaign_result", "outcome"): {
        "amended": "修正して決定",
        "unchanged": "原案のとおり決定",
        "not_adopted": "決定しないこととした",
        "renewed": "案を見直し、改めて意見を募集する",
    },
}
YES_LABEL = "はい"
NO_LABEL = "いいえ"
