"""Well-known names of won and lost stages, and of lifecycle stages, in the CRMs' own spellings and several languages.

As `plain_words.fold` reads them. Sources: HubSpot's default deal pipeline (`closedwon`, `closedlost`) and lifecycle stages;
Salesforce's and Zoho's standard picklists of stages and lead statuses; Pipedrive, Close, Copper and Freshsales say won and lost;
Bitrix24 WON, LOSE and APOLOGY; amoCRM's and Kommo's two last stages. docs/stages.md lists them for users.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .plain_words import fold

WON_PREFIXES = ("closedwon",)
"""`Closed Won - Renewal` is won too."""
LOST_PREFIXES = ("closedlost",)
"""Zoho's `Closed-Lost to Competition`."""


class Language(NamedTuple):
    """Words parted by commas: what a deal is called that is won or lost, and what may stand before it (deal, closed)."""

    won: str
    lost: str
    before: str = ""


LANGUAGES = {
    "English": Language("won, won deal", "lost, lost deal, lose, apology, abandoned", "deal, closed, closed and"),
    "German": Language("gewonnen", "verloren", "abgeschlossen, geschlossen, geschlossen und"),
    "Dutch": Language("gewonnen", "verloren", "gesloten"),
    "French": Language("gagné, gagnée", "perdu, perdue", "fermé, fermée, clôturé, clôturée, affaire"),
    "Spanish": Language("ganado, ganada", "perdido, perdida", "cerrado, cerrada, cierre, negocio"),
    "Portuguese": Language("ganho, ganha", "perdido, perdida", "fechado, fechada, fechado e, negócio, negócio fechado"),
    "Italian": Language("vinto, vinta", "perso, persa", "chiuso, chiusa, chiuso e, affare, trattativa"),
    "Polish": Language(
        "wygrana, wygrane, wygrany",
        "przegrana, przegrane, przegrany, utracona, utracone, utracony",
        "zamknięta, zamknięte, zamknięty",
    ),
    "Czech": Language("vyhráno, vyhrané, vyhraná", "prohráno, prohrané, prohraná, ztraceno", "uzavřeno"),
    "Slovak": Language("vyhrané, vyhratá", "prehrané, prehratá, stratené", "uzavreté"),
    "Hungarian": Language("megnyert, megnyerve", "elveszett, elvesztett, elveszítve", "lezárt"),
    "Romanian": Language("câștigat, câștigată", "pierdut, pierdută", "închis, închisă"),
    "Swedish": Language("vunnen, vunnet", "förlorad, förlorat", "stängd, stängt"),
    "Danish": Language("vundet", "tabt", "lukket"),
    "Norwegian": Language("vunnet", "tapt", "lukket"),
    "Finnish": Language("voitettu", "hävitty", "suljettu"),
    "Turkish": Language("kazanıldı", "kaybedildi", "kapatıldı"),
    "Russian": Language(
        "выиграно, выиграна, успешно реализовано", "проиграно, проиграна, закрыто и не реализовано", "сделка"
    ),
    "Ukrainian": Language("виграно, виграна", "програно, програна", "угода"),
    "Japanese": Language("受注, 成約", "失注"),
    "Chinese": Language("赢单, 贏單, 成交", "输单, 輸單, 丢单"),
    "Korean": Language("수주", "실주"),
}


def _names(words: str, before: str) -> Iterator[str]:
    for word in words.split(", "):
        for start in ("", *before.split(", ")):
            yield fold(start + word)


WON = frozenset(name for its in LANGUAGES.values() for name in _names(its.won, its.before))
LOST = frozenset(name for its in LANGUAGES.values() for name in _names(its.lost, its.before))

LIFECYCLE_WORDS = {
    fold(name): meaning
    for meaning, names in {
        "lead": (
            *("lead", "prospect", "interessent", "prospecto", "potenziale"),
            *("open - not contacted", "working - contacted", "new", "working", "contacted", "nurturing"),
            *("not contacted", "attempted to contact", "contact in future"),
        ),
        "mql": ("mql", "marketing qualified lead", "marketing qualified", "qualified", "pre-qualified"),
        "sql": ("sql", "sales qualified lead", "sales qualified", "closed - converted", "converted"),
        "opportunity": ("opportunity", "opportunité", "oportunidad", "oportunidade", "opportunità"),
        "customer": ("customer", "evangelist", "client", "kunde", "kundin", "cliente", "klient", "klientka", "klant"),
        "churned": ("churned", "former customer", "ehemaliger kunde", "ancien client"),
    }.items()
    for name in names
}
"""Any other word says nothing: `subscriber`, `other`, `closed - not converted`, `unqualified`, `junk lead`, `lost lead`."""
