"""Hosts of a search engine, network or shop that are none themselves: where a referral is just a referral.

Without them `docs.google.com` would be a search because `google.com` is one.
"""

from __future__ import annotations

PLAIN = """
google: accounts.google.com ads.google.com adwords.google.com analytics.google.com business.google.com calendar.google.com
google: classroom.google.com cloud.google.com console.cloud.google.com contacts.google.com developers.google.com
google: docs.google.com drive.google.com firebase.google.com keep.google.com lookerstudio.google.com marketingplatform.google.com
google: datastudio.google.com meet.google.com myaccount.google.com chat.google.com pay.google.com photos.google.com
google: play.google.com sites.google.com support.google.com tagassistant.google.com tagmanager.google.com workspace.google.com
amazon: aws.amazon.com sellercentral.amazon.com sellercentral.amazon.* advertising.amazon.com advertising.amazon.* pay.amazon.com
baidu: pan.baidu.com tongji.baidu.com passport.baidu.com
bing: ads.bing.com business.bing.com
microsoft: login.live.com login.microsoftonline.com
naver: ads.naver.com nid.naver.com
yahoo: login.yahoo.com finance.yahoo.com news.yahoo.com sports.yahoo.com news.yahoo.co.jp auctions.yahoo.co.jp login.yahoo.co.jp
yandex: disk.yandex.ru disk.yandex.com direct.yandex.ru direct.yandex.com metrika.yandex.ru metrika.yandex.com
yandex: passport.yandex.ru passport.yandex.com docs.yandex.ru cloud.yandex.ru cloud.yandex.com
"""
