"""受付: receipts, senders, attachments and retention, shared by every form that residents send."""
