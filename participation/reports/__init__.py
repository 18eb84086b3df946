"""市民参加推進指針 and the yearly progress report (進捗状況)."""
