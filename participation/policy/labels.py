"""Roles, permissions and their reach in Japanese; a test holds the lists complete."""

from participation.core.actors import Role
from participation.policy.permission_map import Scope
from participation.policy.permissions import Permission as P

ROLE_LABELS = {
    Role.CONTRIBUTOR: "担当者",
    Role.APPROVER: "課長",
    Role.COORDINATOR: "とりまとめ担当",
    Role.ADMINISTRATOR: "システム管理者",
    Role.AUDITOR: "監査",
}

# What each role is for, in one line, where somebody chooses one.
ROLE_EXPLANATIONS = {
    Role.CONTRIBUTOR: "所属する課の取り組みと意見募集を入力します。",
    Role.APPROVER: (
        "所属する課の入力を確認し、意見募集の開始と結果を決裁します。"
        "入力もできますが、自分の入力は確認できません。"
    ),
    Role.COORDINATOR: "全庁の取りまとめ、指針の管理、年次報告の作成と公表を行います。",
    Role.ADMINISTRATOR: "職員、課、自治体の設定を管理します。取り組みの入力と確認はできません。",
    Role.AUDITOR: "すべてを閲覧できます。自分のパスワードのほかは変更できません。",
}

SCOPE_LABELS = {Scope.OWN: "所属課", Scope.CITY: "全庁"}

PERMISSION_LABELS = {
    P.STAFF_HOME: "職員用トップを開く",
    P.OWN_ACCOUNT: "自分のアカウントを変更する",
    P.ENTRY_READ: "取り組みの記載を見る",
    P.ENTRY_WRITE: "取り組みを入力・並べ替え・取下げ・提出する",
    P.ENTRY_APPROVE: "課長として確認・差戻しをする",
    P.ENTRY_CONFIRM: "全庁の立場で確認・差戻しをする",
    P.ENTRY_IMPORT: "取り組みをファイルから取り込む",
    P.GUIDELINE_READ: "指針を見る",
    P.GUIDELINE_WRITE: "指針を編集する",
    P.ROUND_READ: "年度の照会を見る",
    P.ROUND_WRITE: "年度の照会を始める・締め切る",
    P.EDITION_READ: "年次報告の版を見る",
    P.EDITION_WRITE: "年次報告の版を作る",
    P.EDITION_PUBLISH: "年次報告を公表する",
    P.CAMPAIGN_READ: "意見募集を見る",
    P.CAMPAIGN_WRITE: "意見募集を作る・編集する",
    P.CAMPAIGN_LIST_WRITE: "意見募集の実施予定・実施状況のPDFを作る",
    P.CAMPAIGN_APPROVE: "意見募集の予告・開始・延長・中止と、結果の決裁をする",
    P.SUBMISSION_READ: "提出された意見を見る（氏名・連絡先を除く）",
    P.SUBMISSION_EXPORT: "提出された意見のファイルを作る（氏名・連絡先を除く）",
    P.SUBMISSION_WRITE: "紙・FAX・メールなどの意見を入力・取り込む",
    P.SENDER_DISCLOSE: "提出者の氏名・連絡先を見る（見たことが記録されます）",
    P.ANSWER_WRITE: "意見を整理し、市の考え方と修正を書く",
    P.WORKSHOP_READ: "催しを見る",
    P.WORKSHOP_WRITE: "催しを作る・編集する、開催結果とアンケートを書く",
    P.WORKSHOP_KIND_WRITE: "催しの種類と、種類ごとの項目を変える",
    P.WORKSHOP_APPROVE: "催しの公表・延期・中止、抽選、開催結果の公表をする",
    P.REGISTRATION_READ: "催しの申込みの状況を見る（氏名・連絡先を除く）",
    P.REGISTRATION_WRITE: "催しの申込みの入力・取消し、受付、申し込んだ方への連絡をする",
    P.JOB_READ: "処理の状況を見る",
    P.JOB_WRITE: "失敗した処理をやり直す",
    P.CITY_READ: "自治体の設定を見る",
    P.CITY_WRITE: "自治体の設定を変える",
    P.DEPARTMENT_READ: "課と組織改編を見る",
    P.DEPARTMENT_WRITE: "課と組織改編を登録する",
    P.USER_READ: "職員と任命を見る",
    P.USER_WRITE: "職員を招待・任命・異動・停止する",
    P.AUDIT_READ: "監査記録を見る",
    P.OUTBOX_READ: "送信メールを見る",
    P.OUTBOX_WRITE: "送信に失敗したメールを送り直す",
}
