"""What a consumer set aside of the uploads, once more onto their topics."""

from __future__ import annotations

from wanamaker_shared.contracts import ad_spend, rates, settings
from wanamaker_shared.failed.ways import TopicWay

WAYS = (
    TopicWay(ad_spend.TOPIC, ad_spend.adapter, lambda row: ad_spend.key(row.workspace, row.provider, row.campaign)),
    TopicWay(settings.TOPIC, settings.adapter, lambda said: settings.key(said.workspace)),
    TopicWay(rates.TOPIC, rates.adapter, lambda rate: rates.key(rate.workspace, rate.day)),
)
