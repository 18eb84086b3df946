"""Long work as rows of our own transaction, run by a worker (ジョブ)."""
