"""The rules that a city sets for itself, with the defaults that the law gives."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One number that the city decides."""

    key: str
    label: str
    default: int
    lowest: int
    highest: int
    explanation: str


RULES = {
    rule.key: rule
    for rule in (
        Rule(
            "campaign.minimum_days",
            "意見募集期間の最短日数",
            default=30,
            lowest=1,
            highest=180,
            explanation="パブリックコメントの募集期間。既定の30日は行政手続法第39条第3項にならいます。",
        ),
        Rule(
            "campaign.notice_days",
            "予告から募集開始までの日数",
            default=7,
            lowest=0,
            highest=90,
            explanation=(
                "募集を始める何日前までに予告するか。0にすると予告を求めません。"
                "法律に日数の定めはなく、既定の7日は周知の努力義務（行政手続法第41条）のための目安です。"
            ),
        ),
        Rule(
            "campaign.minimum_places",
            "閲覧場所の最少の数",
            default=1,
            lowest=0,
            highest=50,
            explanation="案と資料を閲覧できる場所の数。要綱で定めた数にしてください。",
        ),
        Rule(
            "campaign.minimum_channels",
            "提出方法の最少の数",
            default=2,
            lowest=1,
            highest=5,
            explanation=(
                "意見を提出できる方法の数（このサイト、電子メール、郵送、FAX、持参）。"
                "既定の2は、インターネットを使わない人も提出できるようにするための目安です。"
            ),
        ),
        Rule(
            "campaign.result_days",
            "締切から結果公表までの日数",
            default=60,
            lowest=1,
            highest=730,
            explanation=(
                "募集の最終日から何日以内に結果を公表するか。行政手続法第43条第1項は命令等の公布と"
                "同時期と定めるだけなので、要綱で定めた日数にしてください。既定の60日は目安です。"
            ),
        ),
        Rule(
            "campaign.retention_days",
            "提出者の氏名・連絡先を消去するまでの日数",
            default=365,
            lowest=0,
            highest=3650,
            explanation=(
                "結果の公表から何日後に消去するか。新しい意見募集の初期値になります。"
                "利用目的に必要な範囲を超えて保有しないため（個人情報保護法第61条第2項）、短いほど安全です。"
            ),
        ),
        Rule(
            "workshop.retention_days",
            "催しに申し込んだ方の氏名・連絡先を消去するまでの日数",
            default=90,
            lowest=0,
            highest=3650,
            explanation=(
                "最後の開催日から何日後に消去するか。新しい催しの初期値になります。"
                "お礼や資料の送付、アンケートに必要な日数にしてください。"
            ),
        ),
    )
}
