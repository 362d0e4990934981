"""Well-known senders of referrer spam, by hand: hosts that appear as referrers only so that a website's owner looks them up."""

from __future__ import annotations

SPAM = frozenset(
    """
    0n-line.tv 100dollars-seo.com 12masterov.com 4webmasters.org 7makemoneyonline.com
    abcdefh.xyz adviceforum.info anticrawler.org
    baixar-musicas-gratis.com best-seo-offer.com best-seo-solution.com bestwebsitesawards.com blackhatworth.com
    bot-traffic.icu bot-traffic.xyz buttons-for-website.com buttons-for-your-website.com buy-cheap-online.info
    cenokos.ru cenoval.ru cityadspix.com copyrightclaims.org
    darodar.com descargar-musica-gratis.net
    econom.co edakgfvwql.ru erot.co event-tracking.com
    fix-website-errors.com floating-share-buttons.com free-share-buttons.com
    free-social-buttons.com free-traffic.xyz free-video-tool.com
    get-free-social-traffic.com get-free-traffic-now.com getfreetraffic.info gobongo.info googlsucks.com
    guardlink.org grets.store
    howtostopreferralspam.eu hulfingtonpost.com humanorightswatch.org
    ilovevitaly.co ilovevitaly.com ilovevitaly.ru iskalko.ru
    justprofit.xyz
    kambasoft.com keywords-monitoring-your-success.com
    law-enforcement-bot-ff.xyz lomb.co lombia.co luxup.ru
    makemoneyonline.com
    net-profits.xyz o-o-6-o-o.com o-o-6-o-o.ru offers.bycontext.com
    online-hit.info
    petrovka-online.com porn-hub-forum.ga pornhub-forum.ga priceg.com
    qwesa.ru
    rank-checker.online rankings-analytics.com ranksonic.info ranksonic.org rida.tokyo
    savetubevideo.com screentoolkit.com search-error.com seders.website semalt.com semaltmedia.com seo-platform.com
    seoanalyses.com share-buttons.xyz simple-share-buttons.com site-auditor.online sitevaluation.org slftsdybbg.ru
    smailik.org social-buttons.com socialseet.ru soundfrost.org success-seo.com superiends.org
    theguardlan.com top1-seo-service.com traffic-cash.xyz traffic2cash.xyz traffic2money.com trafficbot.life
    trafficmonetize.org trafficmonetizer.org trion.od.ua
    videos-for-your-business.com vodkoved.ru
    webmonetizer.net website-analyzer.info website-errors-scanner.com websites-reviews.com webmaster-traffic.com
    yourserverisdown.com
    """.split()
)
