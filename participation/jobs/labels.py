"""States of a job in Japanese."""

from participation.jobs.models import JobState

STATE_LABELS = {
    JobState.QUEUED: "順番待ち",
    JobState.RUNNING: "処理中",
    JobState.DONE: "完了",
    JobState.FAILED: "失敗",
}
