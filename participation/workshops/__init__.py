"""Events that residents take part in: ワークショップ, 市民会議, 説明会, タウンミーティング."""
