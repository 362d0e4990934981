"""Social networks, forums and communities.

Facts of searchengine-and-social-list 1.4.1 (matomo-org, CC0-1.0) in our own form, with the networks of today and the communities
that GA4 counts as social added by hand.
"""

from __future__ import annotations

SOCIAL = """
5ch: 5ch.net
9gag: 9gag.com
academia.edu: academia.edu
addthis: addthis.com
allrecipes: allrecipes.com
ameblo: ameblo.jp ameba.jp
artstation: artstation.com
askubuntu: askubuntu.com
badoo: badoo.com
bebo: bebo.com
behance: behance.net
bereal: bere.al bereal.com
bilibili: bilibili.com
blackplanet: blackplanet.com
blogger: blogger.com blogspot blogspot.com
bluesky: bsky.app bsky.social skyfeed.app bsky
buzznet: buzznet.com
cafe.daum.net: cafe.daum.net
classmates: classmates.com
clubhouse.com: clubhouse.com
copainsdavant: copainsdavant.linternaute.com
couchsurfing: couchsurfing.com couchsurfing.org
cyworld: cyworld.com global.cyworld.com
dcard: dcard.tw
deviantart: deviantart.com
dianping: dianping.com
digg: digg.com
diigo: diigo.com
discord: discord.com discord.gg discordapp.com com.discord
disqus: disqus.com
douban: douban.com
douyin: douyin.com
douyu: douyu.com
draugiem: draugiem.lv
dribbble: dribbble.com
dzone: dzone.com
exblog: exblog.jp
facebook: facebook.com fb fb.me fb.com fb.watch meta business.facebook.com com.facebook.katana com.facebook.lite
fandom.com: fandom.com
fark: fark.com
fc2: fc2.com
fetlife: fetlife.com
flickr: flickr.com
flipboard: flipboard.com
flixster: flixster.com
fotolog: fotolog.com
foursquare: foursquare.com swarmapp.com
friendfeed: friendfeed.com
friendsreunited: friendsreunited.com
friendster: friendster.com
gab: gab.com
gaiaonline: gaiaonline.com
geni.com: geni.com
getpocket: getpocket.com pocket.co
gettr: gettr.com
github: github.com
glassdoor: glassdoor.com glassdoor.*
goldenline: goldenline.pl
goodreads: goodreads.com
googleplus: plus.google.com url.google.com google+ com.google.android.apps.plus
googlegroups: groups.google.com googlegroups.com
gree: gree.jp
gutefrage: gutefrage.net
habbo: habbo.com
habr: habr.com
hackernews: news.ycombinator.com
hatena: hatena.ne.jp hatenablog.com hatenablog.jp
hi5: hi5.com
hootsuite: hootsuite.com ow.ly
houzz: houzz.com houzz.*
hubpages: hubpages.com
huya: huya.com
hyves: hyves.nl hyves.net
identi.ca: identi.ca
imageshack: imageshack.com imageshack.us
imgur: imgur.com
indiehackers: indiehackers.com
instagram: instagram.com ig instagr.am com.instagram.android
instapaper: instapaper.com
internations: internations.org
kakao: kakao.com kakaocorp.com story.kakao.com
kaskus: kaskus.co.id
lang-8: lang-8.com
last.fm: last.fm lastfm.ru lastfm.de lastfm.es lastfm.fr lastfm.it lastfm.jp lastfm.pl lastfm.com.br lastfm.se lastfm.com.tr
lemmy: lemmy.world lemmy.ml lemmy.ca lemm.ee feddit.org feddit.de feddit.uk sh.itjust.works beehaw.org programming.dev
lemon8: lemon8-app.com
librarything: librarything.com
line: line.me lin.ee liff.line.me jp.naver.line.android
linkedin: linkedin.com lnkd.in linkedin.android com.linkedin.android
livedoor: livedoor.com livedoor.jp blog.livedoor.jp
livejournal: livejournal.com livejournal.ru
lobste.rs: lobste.rs
mastodon: mastodon.social mastodon.cloud mastodon.technology mastodon.xyz mastodon.at mastodon.art mastodon.online
mastodon: mastodon.scot mastodon.world mastodon.nz mastodon.eus mastodon.jalgi.eus mastodonapp.uk mastodont.cat masto.ai
mastodon: mamot.fr pawoo.net mstdn.io mstdn.jp mstdn.social mstdn.party mstdn.ca mas.to friends.nico quey.org knzk.me c.im
mastodon: ro-mastodon.puyo.jp botsin.space social.tchncs.de bitcoinhackers.org fosstodon.org chaos.social cybre.space
mastodon: vis.social typo.social front-end.social hachyderm.io newsie.social indieweb.social sfba.social tkm.eus
mastodon: universeodon.com social.vivaldi.net ohai.social toot.community graphics.social org.joinmastodon.android
mastodon: infosec.exchange techhub.social social.coop mathstodon.xyz ioc.exchange troet.cafe social.overheid.nl
medium: medium.com
meetup: meetup.com
meinvz: meinvz.net
meneame: meneame.net
messenger: messenger.com com.facebook.orca m.me
mewe: mewe.com
minds.com: minds.com
missevan: missevan.com
mix.com: mix.com
mixi: mixi.jp
moikrug: moikrug.ru
multiply.com: multiply.com
my.mail.ru: my.mail.ru ok.mail.ru
myheritage: myheritage.com
mylife: mylife.com mylife.ru
myspace: myspace.com
myyearbook: myyearbook.com
naverblog: blog.naver.com cafe.naver.com kin.naver.com post.naver.com
netlog: netlog.com
nextdoor: nextdoor.com nextdoor.*
niconico: nicovideo.jp
ning: ning.com
nk.pl: nk.pl
note.com: note.com
odnoklassniki: odnoklassniki.ru odnoklassniki.ua ok.ru
orkut: orkut.com
overblog: over-blog.com overblog.com
peepeth: peepeth.com
photobucket: photobucket.com
pikabu: pikabu.ru
pinboard: pinboard.in
pinterest: pinterest.com pinterest.* pinterest.info pin.it com.pinterest
pixelfed: pixelfed.social pixelfed.de pixelfed.uno pxlmo.com metapixl.com pix.toot.wales pixey.org
pixiv: pixiv.net
plaxo: plaxo.com
plurk: plurk.com
polywork: polywork.com
producthunt: producthunt.com
ptt: ptt.cc
quora: quora.com
qzone: qzone.qq.com
ravelry: ravelry.com
reddit: reddit.com redd.it com.reddit.frontpage
renren: renren.com
researchgate: researchgate.net
scoop.it: scoop.it
scribd: scribd.com
serverfault: serverfault.com
signal.me: signal.me signal.group
skype: web.skype.com
skyrock: skyrock.com
slashdot: slashdot.org
slideshare: slideshare.net
snapchat: snapchat.com com.snapchat.android
sonico: sonico.com
soundcloud: soundcloud.com gate.sc
sourceforge: sourceforge.net
stackexchange: stackexchange.com stackapps.com mathoverflow.net
stackoverflow: stackoverflow.com
studivz: studivz.net
stumbleupon: stumbleupon.com
suomi24: suomi24.fi
superuser: superuser.com
tagged: tagged.com
taringa: taringa.net
teamblind: teamblind.com
telegram: telegram.org t.me telegram.me web.telegram.org org.telegram.messenger org.telegram.messenger.web
threads: threads.net threads.com com.instagram.barcelona
tiktok: tiktok.com com.zhiliaoapp.musically com.ss.android.ugc.trill
tripadvisor: tripadvisor.com tripadvisor.*
truthsocial: truthsocial.com
tudou: tudou.com
tuenti: tuenti.com
tumblr: tumblr.com t.umblr.com
tweetdeck: tweetdeck.com
twitcasting: twitcasting.tv
twitter: twitter.com t.co x.com twitter.android com.twitter.android
typepad: typepad.com
v2ex: v2ex.com
viadeo: viadeo.com
viber: viber.com
vk: vk.com vkontakte vkontakte.ru vk.ru vk.cc com.vkontakte.android
vkrugudruzei: vkrugudruzei.ru
wattpad: wattpad.com
wayn: wayn.com
wechat: wechat.com weixin weixin.qq.com
weebly: weebly.com
weeworld: weeworld.com
weibo: weibo.com weibo.cn t.cn
whatsapp: whatsapp.com wa.me com.whatsapp
wikihow: wikihow.com
wordpress: wordpress.com
workplace.com: workplace.com
wykop: wykop.pl
xanga: xanga.com
xiaohongshu: xiaohongshu.com xhslink.com
xing: xing.com com.xing.android
yammer: yammer.com
yelp: yelp.com yelp.*
zalo: zalo.me chat.zalo.me
zhihu: zhihu.com
"""
