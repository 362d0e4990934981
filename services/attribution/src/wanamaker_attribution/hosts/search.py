"""Search engines and the hosts of their results.

The hosts are facts of searchengine-and-social-list 1.4.1 (matomo-org, CC0-1.0), carried over into our own form, with newer
engines, apps and the search portals of GA4's list added by hand.
"""

from __future__ import annotations

SEARCH = """
1.cz: 1.cz
118700.se: 118700.se
123people.com: 123people.com 123people.*
1881.no: 1881.no
360search: so.com sou.com 360.cn haosou.com haosou
abacho: abacho.de abacho.com abacho.co.uk abacho.at abacho.fr abacho.es abacho.ch abacho.it
abcsok: abcsok.no
acoon: acoon.de
aguea: chercherfr.aguea.com
alexa.com: alexa.com
aliceadsl.fr: rechercher.aliceadsl.fr
all.by: all.by
allaverksamheter: allaverksamheter.se
allesklar: allesklar.de allesklar.at allesklar.ch
alltheinternet: alltheinternet.com
alltheweb: alltheweb.com
alohafind: alohafind.com
altavista: altavista.com altavista.de altavista.fr
andisearch.com: andisearch.com
aol: search.aol.com search.aol.it aolsearch.aol.com aolrecherche.aol.fr aolrecherches.aol.fr aolimages.aol.fr
aol: recherche.aol.fr find.web.aol.com recherche.aol.ca aolsearch.aol.co.uk search.aol.co.uk sucheaol.aol.de
aol: suche.aol.de o2suche.aol.de suche.aolsvc.de aolbusqueda.aol.com.mx alicesuche.aol.de alicesuchet.aol.de
aol: suchet2.aol.de search.hp.my.aol.com.au search.hp.my.aol.de search.hp.my.aol.it search-intl.netscape.com
aol: de.aolsearch.com =aol.com =aol.*
apollo7: apollo7.de
aport: sm.aport.ru
arama.com: arama.com
arcor.de: =arcor.de
arianna: arianna.libero.it arianna.com
ask: ask.com ask.reference.com askkids.com ask.co.uk qbyrd.com search-results.com searchqu.com
auone: search.auone.jp sp-search.auone.jp
austronaut: www2.austronaut.at www1.austronaut.at
avira: search.avira.com search.avira.net safesearch.avira.com
babylon: search.babylon.com searchassist.babylon.com
baidu: baidu.com baidu.co.th
biglobe: cgi.search.biglobe.ne.jp images.search.biglobe.ne.jp =biglobe.ne.jp =biglobe.co.jp
bing: bing.com msnbc.msn.com dizionario.it.msn.com enciclopedia.it.msn.com cc.bingj.com msn =msn.com ntp.msn.com
blekko: blekko.com
blogdigger: blogdigger.com
blogpulse: blogpulse.com
bluewin: search.bluewin.ch
brave: search.brave.com com.brave.browser
canoe.ca: web.canoe.ca
centrum.cz: search.centrum.cz morfeo.centrum.cz =centrum.cz
charter.net: =charter.net
chinaso: chinaso.com
claro-search.com: claro-search.com
clix.pt: pesquisa.clix.pt
coccoc: coccoc.com com.coccoc.trinhduyet
comcast: search.comcast.net =comcast.net
compuserve: websearch.cs.com
conduit: search.conduit.com
crawler.com: crawler.com
cuil: cuil.com
daemon-search.com: daemon-search.com
dasoertliche: dasoertliche.de
dastelefonbuch: www1.dastelefonbuch.de
daum: search.daum.net =daum.net m.daum.net
delfi.lv: otsing.delfi.ee smart.delfi.lv
dir.com: fr.dir.com
disconnect.me: search.disconnect.me
dmoz: dmoz.org
dogpile: dogpile.com
duckduckgo: duckduckgo.com duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion ddg
duckduckgo: com.duckduckgo.mobile.android
earthlink: search.earthlink.net
ecosia: ecosia.org com.ecosia.android
egerin: egerin.com
ekoru: ekoru.org
elliotforwater.com: elliotforwater.com
elmundo.es: ariadna.elmundo.es
eniro: eniro.se
entireweb: entireweb.com
eo.st: eo.st
epicsearch: epicsearch.in
eurip: eurip.com
euroseek: euroseek.com
everyclick: everyclick.com
exalead: exalead.fr exalead.com
excite: search.excite.it search.excite.fr search.excite.de search.excite.co.uk search.excite.es search.excite.nl
excite: msxml.excite.com =excite.co.jp
fastbrowsersearch.com: fastbrowsersearch.com
findhurtig: findhurtig.dk
findx.com: findx.com
fireball.com: fireball.de fireball.com
firstsfind: firstsfind.com
fixsuche: fixsuche.de
flix.de: flix.de
fooooo: search.fooooo.com
forestle: forestle.org forestle.mobi
francite: recherche.francite.com
free.fr: search.free.fr search1-2.free.fr search1-1.free.fr
freecause: search.freecause.com
freenet.de: suche.freenet.de
freespoke: freespoke.com
frontier.com: search.frontier.com
gais.cs.ccu.edu.tw: gais.cs.ccu.edu.tw
genieo: search.genieo.com
geona: geona.net
gibiru: gibiru.com
gigablast: gigablast.com
globo: =globo.com
gnadenmeer: gnadenmeer.de
gomeo: gomeo.com
goo.ne.jp: search.goo.ne.jp ocnsearch.goo.ne.jp
goodsearch: goodsearch.com
google: google.com google.* wwwgoogle.com wwwgoogle.* gogole.com gogole.* gppgle.com gppgle.* googel.com googel.*
google: search.avg.com isearch.avg.com com.google.android.googlequicksearchbox search.chedot.com darkoogle.com
google: search.foxtab.com gooofullsearch.com search.hiyo.com search.incredimail.com search1.incredimail.com
google: search2.incredimail.com search3.incredimail.com search4.incredimail.com search.sweetim.com =fastweb.it
google: search.juno.com find.tdc.dk it.luna.tv searchresults.verizon.com search.walla.co.il search.alot.com
google: suche.gmx.net search.gmx.com search.incredibar.com delta-search.com search.1und1.de suche.1und1.de
google: search.zonealarm.com start.lenovo.com wow.com search.leonardo.it =optuszoo.com.au
google: search.dolphin-browser.jp netlavis.azione.jp search.nan.so cgi2.nintendo.co.jp search.smt.docomo.ne.jp
google: gfsoso.com searches.safehomepage.com searches.f-secure.com search.f-secure.com
google: webcache.googleusercontent.com monumentbrowser.com search.bt.com startab.me search.abv.bg
google: search.xfinity.com kadaza.com googlesyndicatedsearch.com google-play googlemybusiness
goyellow: goyellow.de
gruble: gruble.de
gulesider: gulesider.no
highbeam: highbeam.com
hit-parade: hit-parade.com
holmes.ge: holmes.ge
hooseek: hooseek.com
hotbot: hotbot.com
icerocket: blogs.icerocket.com
icq.com: =icq.com search.icq.com
ilse.nl: ilse.nl
imesh: search.imesh.com
inbox.com: www2.inbox.com
info.com: info.com
infospace: infospace.com tattoodle.com webfetch.com search.kiwee.com searches.vi-view.com search.webssearches.com
infospace: search.fbdownloader.com searches3.globososo.com search.avast.com isearch.babylon.com
infospace: start.facemoods.com start.funmoods.com search.magentic.com search.searchcompletion.com
infospace: searchmobileonline.com isearch.glarysoft.com search.chatzum.com home.speedbit.com search.b1.org
infospace: searchya.com search.handycafe.com search.v9.com search.iminent.com utorrent.inspsearch.com
infospace: govome.inspsearch.com
interia.pl: google.interia.pl
iplay.com: start.iplay.com
isodelen: isodelen.se
ixquick: ixquick.com ixquick.de
jungle-spider.de: jungle-spider.de
junglekey: junglekey.com junglekey.fr
juniorsafesearch.com: juniorsafesearch.com
jyxo: jyxo.1188.cz
k9safesearch.com: k9safesearch.com
kagi: kagi.com
karmasearch: karmasearch.org
kataweb: =kataweb.it
kensaq: kensaq.com
kvasir: kvasir.no
kwzf.net: kwzf.net
laban.vn: laban.vn
latne.lv: latne.lv
leit.is: leit.is
lilo.org: search.lilo.org
lo.st: lo.st
localmoxie: localmoxie.com
lookany: lookany.com
lookseek: search.lookseek.com
looksmart: looksmart.com
lycos: search.lycos.com lycos.*
maailm: maailm.com
mail.ru: go.mail.ru
mamma.com: mamma.com
marginalia: search.marginalia.nu marginalia-search.com
meinestadt: =meinestadt.de
meta.ua: meta.ua
metacrawler: s1.metacrawler.de s2.metacrawler.de s3.metacrawler.de metacrawler.com
metager: meta.rrzn.uni-hannover.de metager.de metager2.de
mister-wong: mister-wong.com mister-wong.de
mojeek: mojeek.com
monstercrawler: monstercrawler.com
mozbot: mozbot.fr mozbot.co.uk mozbot.com
mwmbl: mwmbl.org
myprivatesearch: myprivatesearch.com
mywebsearch: mysearch.com kf.mysearch.myway.com ki.mysearch.myway.com search.myway.com search.mywebsearch.com
najdi: najdi.si
nate.com: search.nate.com
naver: naver.com
needtofind: ko.search.need2find.com
neeva: neeva.com
neti.ee: neti.ee
nifty.com: search.nifty.com search.azby.fmworld.net videosearch.nifty.com
nigma: nigma.ru
oceanhero: oceanhero.today
onet: szukaj.onet.pl =onet.pl
online.no: =online.no
only-search.com: only-search.com
orange.fr: busca.orange.es lemoteur.ke.voila.fr lemoteur.orange.fr
paperball: paperball.de
pchome.com.tw: search.pchome.com.tw
peoplecheck.de: extern.peoplecheck.de
peoplepc: search.peoplepc.com
petalsearch.com: petalsearch.com
picsearch: picsearch.com
plazoo: plazoo.com
plusnetwork: plusnetwork.com
poisk.ru: poisk.ru
presearch: presearch.com
privacywall: privacywall.org
qip.ru: search.qip.ru
qualigo: qualigo.at qualigo.ch qualigo.de qualigo.nl
quendu: quendu.com
qwant: qwant.com com.qwant.liberty
rambler: nova.rambler.ru =rambler.ru search.rambler.ru
riksdelen: riksdelen.se
rpmfind: rpmfind.net
rr.com: search.rr.com
sapo.pt: pesquisa.sapo.pt
scour.com: scour.com
search.ch: =search.ch
search.com: search.com
search.smartshopping.com: search.smartshopping.com
search.www.ee: search.www.ee
searchalot: searchalot.com
searchatlas.centrum.cz: searchatlas.centrum.cz
searchcanvas: searchcanvas.com
searchlock: searchlock.com
searchservice.myspace.com: searchservice.myspace.com
searchy: searchy.co.uk
searx: searx.be searx.space searx.me
seesaa: search.seesaa.jp
sesam: sesam.no
setooz: setooz.com
seznam: seznam.cz firmy.cz
sharelook: sharelook.fr
skynet.be: =skynet.be
sm.cn: m.sm.cn m.sp.sm.cn quark.sm.cn
sm.de: sm.de
smartaddressbar: search.smartaddressbar.com
snap.do: search.snap.do
so-net: =so-net.ne.jp video.so-net.ne.jp
so.toutiao.com: so.toutiao.com
softonic.com: search.softonic.com
sogou: sogou.com
soso: soso.com
sputnik.ru: sputnik.ru
startpage: startpage.com s6-eu5.ixquick.com startpagel6srwcjlue4zgq3zevrujfaow726kjytqbbjyrswwmjzcqd.onion
startpagina.nl: startgoogle.startpagina.nl
startsiden: =startsiden.no
stract: stract.com
suche.info: suche.info
suchmaschine.com: suchmaschine.com
suchnase: suchnase.de
surfcanyon: surfcanyon.com
swiggle: swiggle.org.uk
swisscows: swisscows.com swisscows.ch
t-online: suche.t-online.de brisbane.t-online.de navigationshilfe.t-online.de
talimba: talimba.com
talktalk.co.uk: =talktalk.co.uk
tarmot: tarmot.com
technorati: technorati.com
teoma: teoma.com
terra: buscador.terra.es buscador.terra.cl buscador.terra.com.br
tiscali: search.tiscali.it search-dyn.tiscali.it hledani.tiscali.cz
tixuma: tixuma.de
toile.com: toile.com
toolbarhome: toolbarhome.com
toppreise: toppreise.ch
torry.io: torry.io
trouvez.com: trouvez.com
trovarapido: trovarapido.com
trusted-search.com: trusted-search.com
trustnav: search.trustnav.com
tusksearch: tusksearch.com
tut.by: search.tut.by =tut.by
twingly: twingly.com
ukr.net: ukr search.ukr.net
uol.com.br: busca.uol.com.br
url.org: url.org
vinden.nl: vinden.nl
vindex.nl: vindex.nl
virgilio: ricerca.virgilio.it ricercaimmagini.virgilio.it ricercavideo.virgilio.it ricercanews.virgilio.it
virgilio: mobile.virgilio.it
voila.fr: search.ke.voila.fr lemoteur.fr
volny.cz: web.volny.cz
vuhuv: vuhuv.com
walhello: walhello.info walhello.com walhello.de walhello.nl
web.de: suche.web.de
web.nl: web.nl
webcrawler: webcrawler.com
weborama.fr: weborama.fr
websearch.com: websearch.com
websearch.rakuten.co.jp: websearch.rakuten.co.jp
wedoo: fr.wedoo.com en.wedoo.com es.wedoo.com
winamp.com: search.winamp.com
witch.de: witch.de
woopie: woopie.jp
wp.pl: szukaj.wp.pl
x-recherche.com: x-recherche.com
yahoo: cercato.it search.offerbox.com benefind.de ys.mirostart.com search.yahoo.co.jp jp.hao123.com
yahoo: home.kingsoft.jp jwsearch.jword.jp yahoo.com yahoo.*
yam.com: search.yam.com
yandex: yandex.ru yandex.com yandex.* ya.ru
yasni: yasni.de yasni.com yasni.co.uk yasni.ch yasni.at
yatedo: yatedo.com yatedo.fr
yellowmap: yellowmap.de
yep.com: yep.com
yippy: search.yippy.com
yongzin: yongzin.com
youdao: youdao.com
yougoo: yougoo.fr
zapmeta: zapmeta.com zapmeta.* zapmetasearch.*
zhongsou: p.zhongsou.com
zoek.nl: www3.zoek.nl
zoeken.nl: zoeken.nl
zoohoo: zoohoo.cz
zoznam: zoznam.sk
zum.com: search.zum.com
zxuso: zxuso.com
"""
