"""Acts on receipts, senders, attachments and saved forms."""
