"""Shops, market places and price comparisons, written by hand."""

from __future__ import annotations

SHOPPING = """
11st: 11st.co.kr
1688: 1688.com
abebooks: abebooks.com abebooks.*
alibaba: alibaba.com
aliexpress: aliexpress.com aliexpress.* aliexpress.us
allegro: allegro.pl allegro.*
alza: alza.cz alza.*
amazon: amazon.com amazon.* amzn.to amzn.eu a.co amazon-adsystem.com com.amazon.mshop.android.shopping
americanas: americanas.com.br
argos: argos.co.uk
arukereso: arukereso.hu
asos: asos.com
beslist: beslist.nl beslist.be
bestbuy: bestbuy.com bestbuy.*
billiger.de: billiger.de
bizrate: bizrate.com
bol.com: bol.com
bukalapak: bukalapak.com
casasbahia: casasbahia.com.br
cdiscount: cdiscount.com
ceneo: ceneo.pl
coolblue: coolblue.nl coolblue.be coolblue.de
coupang: coupang.com
currys: currys.co.uk
darty: darty.com
dealabs: dealabs.com
depop: depop.com
dhgate: dhgate.com
discogs: discogs.com
ebay: ebay.com ebay.* ebay.us com.ebay.mobile
elcorteingles: elcorteingles.es
emag: emag.ro emag.hu emag.bg
empik: empik.com
etsy: etsy.com etsy.me com.etsy.android
falabella: falabella.com falabella.*
flipkart: flipkart.com
fnac: fnac.com fnac.*
fruugo: fruugo.com fruugo.*
geizhals: geizhals.de geizhals.at geizhals.eu
gmarket: gmarket.co.kr
google-shopping: shopping.google.com shopping.google.* googleshopping
guenstiger.de: guenstiger.de
hepsiburada: hepsiburada.com
heureka: heureka.cz heureka.sk
homedepot: homedepot.com homedepot.*
hotukdeals: hotukdeals.com
idealo: idealo.de idealo.*
igshopping: igshopping
jd.com: jd.com
johnlewis: johnlewis.com
jumia: jumia.com jumia.*
kakaku: kakaku.com
kaufland: kaufland.de kaufland.*
kelkoo: kelkoo.com kelkoo.*
kieskeurig: kieskeurig.nl
kogan: kogan.com
lazada: lazada.com lazada.*
ldlc: ldlc.com
linio: linio.com linio.*
lowes: lowes.com
macys: macys.com
magazineluiza: magazineluiza.com.br magalu.com
mediamarkt: mediamarkt.de mediamarkt.*
mercadolibre: mercadolibre.com mercadolibre.*
mercadolivre: mercadolivre.com.br
mercari: mercari.com
momoshop: momoshop.com.tw
mydealz: mydealz.de
myntra: myntra.com
n11: n11.com
naver shopping: shopping.naver.com smartstore.naver.com
newegg: newegg.com newegg.*
nextag: nextag.com
noon.com: noon.com
onbuy: onbuy.com
otto.de: otto.de
overstock: overstock.com
ozon: ozon.ru
pccomponentes: pccomponentes.com
pinduoduo: pinduoduo.com
pepper.com: pepper.com pepper.pl
poshmark: poshmark.com poshmark.*
pricegrabber: pricegrabber.com
pricerunner: pricerunner.com pricerunner.*
pricespy: pricespy.co.uk pricespy.*
prisjakt: prisjakt.nu prisjakt.no
prom.ua: prom.ua
rakuten: rakuten.com rakuten.*
reverb.com: reverb.com
rozetka: rozetka.com.ua
rueducommerce: rueducommerce.fr
shein: shein.com shein.*
shop.app: shop.app
shopee: shopee.com shopee.*
shopify: shopify.com myshopify.com
shopping.com: shopping.com
shopping.net: shopping.net
shopping.yahoo.com: shopping.yahoo.com shopping.yahoo.*
shopzilla: shopzilla.com shopzilla.*
simplycodes: simplycodes.com
skapiec: skapiec.pl
skroutz: skroutz.gr
snapdeal: snapdeal.com
stockx: stockx.com
submarino: submarino.com.br
takealot: takealot.com
taobao: taobao.com
target.com: target.com
temu: temu.com
tiki.vn: tiki.vn
tmall: tmall.com tmall.hk
tokopedia: tokopedia.com
trendyol: trendyol.com
trovaprezzi: trovaprezzi.it
twenga: twenga.com twenga.*
vinted: vinted.com vinted.*
vip.com: vip.com
walmart: walmart.com walmart.*
wayfair: wayfair.com wayfair.*
wildberries: wildberries.ru
wish.com: wish.com
yandex market: market.yandex.ru market.yandex.*
zalando: zalando.com zalando.*
zozo: zozo.jp
"""
