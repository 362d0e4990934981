"""Providers where anybody can have an e-mail address, so that two people who share its domain share no company.

`free_mail.txt` has the long list with its source and licence. `FAMILIES` are written by hand: providers with a domain in every
country (`gmx.*`), and those that the list lacks. After a change raise `accounts.RULES_VERSION`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

FAMILIES = """
alice: aliceadsl.fr alice.it alice-dsl.net
aol: aol.*
azet: azet.sk
bouygues: bbox.fr bouyguestelecom.fr
cock.li: cock.li
disroot: disroot.org
duck: duck.com
fastmail: fastmail.*
free: free.fr freesurf.fr
gmail: gmail.* googlemail.*
gmx: gmx.*
hey: hey.com
icloud: icloud.com me.com mac.com
inbox.lv: inbox.lv
interia: interia.pl interia.eu poczta.fm
kakao: daum.net hanmail.net kakao.com
laposte: laposte.net
mail.com: mail.com
mailbox.org: mailbox.org
mailfence: mailfence.com
onet: onet.pl onet.eu op.pl vp.pl poczta.onet.pl
one.lt: one.lt
orange: orange.* wanadoo.*
outlook: outlook.* hotmail.* live.* msn.com
posteo: posteo.*
proton: proton.me protonmail.* pm.me
runbox: runbox.com
sfr: sfr.fr neuf.fr club-internet.fr numericable.fr
skiff: skiff.com
startmail: startmail.com
t-online: t-online.de online.de
telia: telia.com
tin.it: tin.it
tuta: tuta.com tuta.io tutanota.* tutamail.com keemail.me
vodafone: kabelbw.de arcor.de
web.de: web.de
wp: wp.pl o2.pl tlen.pl
yahoo: yahoo.* ymail.com rocketmail.com
yandex: yandex.* ya.ru
zoho: zoho.* zohomail.*
"""
_COUNTRY, _SECOND_LEVELS = 2, frozenset("co com net org".split())
"""What may follow the name of a family: `com`, a country's two letters, or both (`co.uk`, `com.br`)."""


def _listed() -> frozenset[str]:
    text = files(__package__).joinpath("free_mail.txt").read_text(encoding="ascii")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


_WORDS = [word for line in FAMILIES.strip().splitlines() for word in line.partition(":")[2].split()]
_DOMAINS = _listed() | {word for word in _WORDS if not word.endswith(".*")}
_ANYWHERE = frozenset(word.removesuffix(".*") for word in _WORDS if word.endswith(".*"))


@lru_cache(maxsize=16384)
def is_free_mail(domain: str) -> bool:
    """Whether a registrable domain is a provider's of free mail."""
    name, _, ending = domain.partition(".")
    return domain in _DOMAINS or (name in _ANYWHERE and _of_a_country(ending))


def _of_a_country(ending: str) -> bool:
    first, _, country = ending.rpartition(".")
    return (not first or first in _SECOND_LEVELS) and (
        len(country) == _COUNTRY or (not first and country in _SECOND_LEVELS)
    )
