"""Channels in Japanese."""

from participation.submissions.models import Channel

CHANNEL_LABELS = {
    Channel.WEB: "このサイトから",
    Channel.EMAIL: "電子メール",
    Channel.POST: "郵送",
    Channel.FAX: "FAX",
    Channel.COUNTER: "持参・窓口",
}
