"""Web mail, and the redirects that mail providers put before links; written by hand."""

from __future__ import annotations

MAIL = """
abv.bg: abv.bg
aol mail: mail.aol.com webmail.aol.com mail.aol.*
bluewin mail: email.bluewin.ch webmail.bluewin.ch
bt mail: email.bt.com
centrum mail: mail.centrum.cz
charter mail: webmail.charter.net webmail.spectrum.net
comcast mail: mail.comcast.net connect.xfinity.com
cox mail: webmail.cox.net
daum mail: mail.daum.net mail.kakao.com hanmail.net
docomo mail: mail.smt.docomo.ne.jp
earthlink mail: webmail.earthlink.net
fastmail: fastmail.com fastmail.fm app.fastmail.com
free mail: webmail.free.fr zimbra.free.fr
freenet mail: webmail.freenet.de email.freenet.de
gmail: mail.google.com mail.google.* inbox.google.com gmail.com googlemail.com com.google.android.gm
gmx: gmx.com gmx.net gmx.* deref-gmx.net deref-gmx.com deref-gmx.co.uk
hey: app.hey.com
icloud mail: icloud.com
inbox.lv: inbox.lv mail.inbox.lv
interia mail: poczta.interia.pl
ionos mail: email.ionos.com email.ionos.* webmail.ionos.com email.1und1.de webmailer.1und1.de
juno mail: webmail.juno.com webmaila.juno.com webmail.netzero.net
laposte: webmail.laposte.net
libero mail: mail.libero.it mail1.libero.it posta.libero.it
mail.bg: mail.bg
mail.com: mail.com deref-mail.com
mail.de: mail.de
mail.ru mail: e.mail.ru touch.mail.ru light.mail.ru m.mail.ru
mailbox.org: mailbox.org
nate mail: mail.nate.com
naver mail: mail.naver.com
netease mail: mail.163.com mail.126.com mail.yeah.net
onet mail: poczta.onet.pl poczta.onet.eu
orange mail: messagerie.orange.fr mail.orange.fr webmail1a.orange.fr webmail1e.orange.fr webmail1k.orange.fr
outlook: outlook.live.com outlook.com outlook.office.com outlook.office365.com outlook.cloud.microsoft mail.live.com
outlook: hotmail.com safelinks.protection.outlook.com com.microsoft.office.outlook
posteo: posteo.de
proton mail: mail.proton.me protonmail.com ch.protonmail.android
qq mail: mail.qq.com wx.mail.qq.com exmail.qq.com
rambler mail: mail.rambler.ru
rediff mail: mail.rediff.com f5mail.rediff.com
runbox: runbox.com
seznam mail: email.seznam.cz
sfr mail: messagerie.sfr.fr webmail.sfr.fr
sina mail: mail.sina.com.cn mail.sina.cn
superhuman: mail.superhuman.com
t-online mail: email.t-online.de
talktalk mail: mail.talktalk.co.uk webmail.talktalk.co.uk
telstra mail: webmail.bigpond.com email.telstra.com
terra mail: mail.terra.com.br
tiscali mail: mail.tiscali.it
tuta: app.tuta.com mail.tutanota.com tuta.com
ukr.net mail: mail.ukr.net
uol mail: email.uol.com.br mail.uol.com.br email.bol.uol.com.br
virgilio mail: mail.virgilio.it
virgin mail: mail2.virginmedia.com mail.virginmedia.com
walla mail: mail.walla.co.il
web.de mail: navigator.web.de 3c.web.de navigator-bs.web.de deref-web.de deref-web-02.de
wp.pl mail: poczta.wp.pl poczta.o2.pl
yahoo mail: mail.yahoo.com mail.yahoo.* com.yahoo.mobile.client.android.mail
yandex mail: mail.yandex.ru mail.yandex.com mail.yandex.* mail.360.yandex.ru
zoho mail: mail.zoho.com mail.zoho.eu mail.zoho.*
"""
