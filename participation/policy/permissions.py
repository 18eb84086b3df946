"""Every permission there is. A name ending in ``.read`` never lets anybody change a thing."""

import enum


class Permission(enum.Enum):
    """What an endpoint or an act asks for."""

    STAFF_HOME = "staff.home.read"
    OWN_ACCOUNT = "own.account.write"

    ENTRY_READ = "entry.read"
    ENTRY_WRITE = "entry.write"  # 入力・並べ替え・取下げ・提出
    ENTRY_APPROVE = "entry.approve"  # 課長の確認と差戻し
    ENTRY_CONFIRM = "entry.confirm"  # 市民協働課の確認と差戻し
    ENTRY_IMPORT = "entry.import.write"
    GUIDELINE_READ = "guideline.read"
    GUIDELINE_WRITE = "guideline.write"
    ROUND_READ = "round.read"
    ROUND_WRITE = "round.write"
    EDITION_READ = "edition.read"
    EDITION_WRITE = "edition.write"
    EDITION_PUBLISH = "edition.publish"

    CAMPAIGN_READ = "campaign.read"  # パブリックコメント・縦覧
    CAMPAIGN_WRITE = "campaign.write"  # 作成・編集・資料
    CAMPAIGN_LIST_WRITE = "campaign.list.write"  # 実施予定・実施状況のPDF
    CAMPAIGN_APPROVE = "campaign.approve"  # 予告・開始・延長・中止・結果の決裁
    SUBMISSION_READ = "submission.read"  # 提出された意見（連絡先を除く）
    SUBMISSION_EXPORT = "submission.export"  # 意見の書き出し: a file for oneself
    SUBMISSION_WRITE = "submission.write"  # 紙・FAX・メール・窓口の入力と取り込み
    SENDER_DISCLOSE = "sender.disclose"  # 提出者の氏名・連絡先: each view is logged
    ANSWER_WRITE = "answer.write"  # 整理・要旨・市の考え方・修正・公開文

    WORKSHOP_READ = "workshop.read"  # ワークショップ・市民会議・説明会
    WORKSHOP_WRITE = "workshop.write"  # 作成・編集・開催結果・アンケート
    WORKSHOP_KIND_WRITE = "workshop.kind.write"  # 種類と、種類ごとの項目
    WORKSHOP_APPROVE = "workshop.approve"  # 公表・延期・中止・抽選・結果の公表
    REGISTRATION_READ = "registration.read"  # 申込みの状況（氏名・連絡先を除く）
    REGISTRATION_WRITE = "registration.write"  # 電話などの申込み・取消し・受付・連絡

    JOB_READ = "job.read"

    CITY_READ = "city.read"
    CITY_WRITE = "city.write"
    DEPARTMENT_READ = "department.read"
    DEPARTMENT_WRITE = "department.write"
    USER_READ = "user.read"
    USER_WRITE = "user.write"
    AUDIT_READ = "audit.read"
    OUTBOX_READ = "outbox.read"
    OUTBOX_WRITE = "outbox.write"
    JOB_WRITE = "job.write"

    @property
    def only_reads(self) -> bool:
        """Whether it never lets anybody change a thing."""
        return self.value.endswith(".read")
