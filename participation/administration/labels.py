"""What mails and jobs are for, in Japanese, by the kind that their feature gave them."""

MAIL_KINDS = {
    "accounts.invitation": "招待",
    "accounts.changed": "アカウント変更のお知らせ",
    "reports.entry_returned": "記載の差戻し",
    "portal.confirmation": "お知らせメールの登録の確認",
    "portal.digest": "お知らせメール",
}

JOB_KINDS = {
    "campaigns.export_opinions": "意見の書き出し",
    "reports.build_edition": "年次報告の作成",
    "reports.read_import": "取込みファイルの読取り",
    "reports.store_import": "記載の取込み",
}
