"""Video sites and streaming services, written by hand."""

from __future__ import annotations

VIDEO = """
9now: 9now.com.au
abema: abema.tv
afreecatv: afreecatv.com sooplive.co.kr sooplive.com
bitchute: bitchute.com
brightcove: brightcove.com players.brightcove.net
crackle: crackle.com
curiositystream: curiositystream.com
dailymotion: dailymotion.com dai.ly
disneyplus: disneyplus.com
dlive: dlive.tv
dtube: d.tube
floatplane: floatplane.com
hotstar: hotstar.com
hbomax: hbomax.com max.com play.max.com
hulu: hulu.com
iqiyi: iqiyi.com iq.com
ivi.ru: ivi.ru
joyn.de: joyn.de
justin.tv: justin.tv
kick.com: kick.com
kuaishou: kuaishou.com
loom.com: loom.com
metacafe: metacafe.com
mgtv: mgtv.com
nebula.tv: nebula.tv
netflix: netflix.com
odysee: odysee.com lbry.tv
paramountplus: paramountplus.com
peacocktv: peacocktv.com
pluto.tv: pluto.tv
primevideo: primevideo.com
rumble: rumble.com
rutube: rutube.ru
streamable: streamable.com
ted: ted.com
trovo: trovo.live
tubitv: tubitv.com
tving: tving.com
twitch: twitch.tv tv.twitch.android.app
utreon: utreon.com playeur.com
v.qq.com: v.qq.com
veoh: veoh.com
vevo: vevo.com
vidyard: vidyard.com
viki: viki.com
vimeo: vimeo.com vimeocdn.com
vk video: vkvideo.ru
wistia: wistia.com wistia.net
youku: youku.com
youtube: youtube.com youtu.be youtube-nocookie.com youtubekids.com yt com.google.android.youtube
zattoo: zattoo.com
"""
