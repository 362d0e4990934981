"""The words of spreadsheets in English, French, German and Polish, as `plain` leaves them: no accents, no case, no signs.

Of each field the better heading stands first: where a file has two of them, the first is read. Taken from the exports of
HubSpot, Salesforce, Pipedrive and Zoho, and from what people write themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

_SIGNS = re.compile(r"[\W_]+")
_LETTERS = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})

LANGUAGES = ("en", "fr", "de", "pl")

ENGLISH = """
id: deal id | record id deal | opportunity id | opportunity id 18 | record id | id | deal record id | deal number |
  deal no | order id | order number | order no | reference
name: deal name | deal title | opportunity name | name | title | deal | opportunity | subject | order
status: deal status | status | outcome | result
stage: deal stage | sales stage | stage | stage name | phase
pipeline: deal pipeline | sales pipeline | pipeline
amount: amount | deal amount | deal value | value | revenue | price | total | sum | total amount | net amount |
  sales
currency: currency | deal currency | amount currency | deal currency of value | currency of value | currency code |
  deal currency code | opportunity currency
created_at: created at | create date | created date | created time | created on | date created | creation date |
  created | deal created | deal deal created | deal created on | opened | opened at | open date | start date
closed_at: closed at | close date | closed date | closing date | closed on | date closed | closed | deal closed on |
  close time | expected close date | deal expected close date | date
won_at: won at | won time | deal won time | won on | won date | date won | purchase date | order date | sold on |
  sale date
won: won | is won | is closed won | closed won
updated_at: updated at | last modified date | modified time | last modified | last updated | update time | deal
  update time | updated | modified | modified on | last update
email: email | e mail | email address | e mail address | mail | contact email | person email | person email work |
  contact e mail | customer email | client email | associated contact email
contact_id: contact id | associated contact ids | associated contact id | person id | deal person id | primary
  contact id | contact name id
contact_name: contact name | contact | contact person | deal contact person | person name | full name | associated
  contact | primary contact | customer name | customer | client | client name | person
company_id: company id | associated company ids | associated company id | organization id | organisation id | deal
  organization id | account id | account name id | primary associated company id
company_name: company | company name | associated company | organization | organisation | deal organization |
  organization name | organisation name | account | account name | primary associated company
company_domain: company domain | domain | company domain name | website | company website | organization website
original_source: original source | original traffic source | lead source | deal source | source | channel | source
  channel | deal source channel
lifecycle: lifecycle stage | lifecycle | contact lifecycle stage | lead status
"""
FRENCH = """
id: id transaction | id de la transaction | id affaire | identifiant | numero de transaction | numero d affaire |
  numero | reference | n | no
name: nom de la transaction | nom de l affaire | nom de l opportunite | nom transaction | intitule | titre | nom |
  affaire | transaction | opportunite
status: statut | statut de la transaction | statut de l affaire | resultat | etat
stage: etape | etape de la transaction | phase de la transaction | etape de vente | phase
pipeline: pipeline de transactions | pipeline de vente | entonnoir
amount: montant | montant de la transaction | valeur | montant total | montant ht | montant ttc | prix | chiffre d
  affaires | ca
currency: devise | monnaie | code devise
created_at: cree le | date de creation | creation | ouvert le | date d ouverture | date de debut
closed_at: cloture le | date de cloture | date de fermeture | ferme le | fermeture | date
won_at: gagne le | date de gain | date de vente | vendu le | date d achat | date de commande | signe le | date de
  signature
won: gagne | gagnee | est gagne
updated_at: modifie le | mis a jour le | date de modification | derniere modification | date de derniere
  modification | mise a jour
email: e mail | email | courriel | adresse e mail | adresse email | adresse courriel | mail | e mail du contact |
  email du contact | email client
contact_id: id contact | id du contact | identifiant du contact | identifiant contact
contact_name: contact | nom du contact | interlocuteur | personne de contact | client | nom du client | nom complet
company_id: id entreprise | id de l entreprise | id societe | identifiant entreprise | identifiant de l entreprise |
  id du compte
company_name: entreprise | nom de l entreprise | societe | nom de la societe | organisation | compte | nom du compte
  | raison sociale
company_domain: domaine | domaine de l entreprise | site web | site internet
original_source: source d origine | source | origine | canal | source du lead | provenance | origine de la piste
lifecycle: phase du cycle de vie | cycle de vie | etape du cycle de vie
"""
GERMAN = """
id: deal id | geschafts id | vorgangs id | auftrags id | auftragsnummer | auftrags nr | auftragsnr | deal nr |
  nummer | nr | kennung | opportunity id | geschaftsnummer | vorgangsnummer
name: deal name | dealname | deal titel | geschaftsname | name des deals | bezeichnung | titel | vorgang | geschaft
  | auftrag | verkaufschance | projekt
status: status | deal status | ergebnis | zustand
stage: deal phase | phase | stufe | verkaufsphase | vertriebsphase | etappe
pipeline: pipeline | vertriebspipeline | trichter
amount: betrag | wert | deal wert | auftragswert | summe | umsatz | preis | gesamtbetrag | nettobetrag |
  auftragssumme | volumen | gesamtsumme
currency: wahrung | waehrung | wahrungscode | waehrungscode
created_at: erstellt am | erstelldatum | erstellungsdatum | angelegt am | erstellt | angelegt | eroffnet am |
  eroffnungsdatum | anlagedatum
closed_at: abgeschlossen am | abschlussdatum | abschluss | geschlossen am | schlussdatum | datum
won_at: gewonnen am | gewinndatum | verkauft am | verkaufsdatum | auftragsdatum | bestelldatum | kaufdatum |
  bestellt am
won: gewonnen | ist gewonnen
updated_at: geandert am | geaendert am | aktualisiert am | zuletzt geandert | zuletzt geaendert | anderungsdatum |
  aenderungsdatum | letzte anderung | zuletzt aktualisiert | letzte aktualisierung
email: e mail | email | e mail adresse | emailadresse | mail | mailadresse | e mail des kontakts | kontakt e mail |
  kunden e mail
contact_id: kontakt id | kontaktnummer | kunden id | kundennummer | personen id
contact_name: kontakt | kontaktname | ansprechpartner | ansprechpartnerin | kontaktperson | kunde | kundin |
  kundenname | name des kontakts
company_id: firmen id | unternehmens id | organisations id | firmennummer | account id
company_name: firma | firmenname | unternehmen | unternehmensname | organisation | name der firma | name des
  unternehmens
company_domain: domain | webseite | website | internetseite | firmendomain
original_source: ursprungliche quelle | ursprungsquelle | originalquelle | quelle | herkunft | kanal | lead quelle |
  leadquelle
lifecycle: lifecycle phase | lebenszyklusphase | lebenszyklus
"""
POLISH = """
id: id transakcji | id umowy | id szansy | id zamowienia | identyfikator | numer transakcji | numer zamowienia |
  numer umowy | numer | nr | nr zamowienia | nr umowy
name: nazwa transakcji | nazwa szansy | nazwa umowy | nazwa | tytul | transakcja | szansa | szansa sprzedazy | umowa
  | zamowienie
status: status | status transakcji | wynik | stan
stage: etap | etap transakcji | etap sprzedazy | faza
pipeline: lejek | lejek sprzedazy | proces sprzedazy
amount: kwota | wartosc | wartosc transakcji | wartosc zamowienia | kwota transakcji | suma | cena | przychod |
  kwota netto | kwota brutto | wartosc netto | wartosc brutto
currency: waluta | kod waluty
created_at: utworzono | data utworzenia | utworzona | utworzony | data otwarcia | data rozpoczecia | otwarto
closed_at: zamknieto | data zamkniecia | data zakonczenia | zamknieta | data
won_at: wygrano | data wygranej | data wygrania | data sprzedazy | data zakupu | data zamowienia | sprzedano
won: wygrana | wygrany | czy wygrana
updated_at: zmodyfikowano | data modyfikacji | zaktualizowano | data aktualizacji | ostatnia modyfikacja | ostatnia
  zmiana | ostatnia aktualizacja
email: e mail | email | adres e mail | adres email | mail | poczta | e mail kontaktu | email klienta
contact_id: id kontaktu | identyfikator kontaktu | id klienta | numer klienta
contact_name: kontakt | imie i nazwisko | nazwa kontaktu | osoba kontaktowa | klient | nazwa klienta | osoba
company_id: id firmy | identyfikator firmy | id organizacji
company_name: firma | nazwa firmy | organizacja | przedsiebiorstwo | spolka | kontrahent
company_domain: domena | strona www | www | strona internetowa | domena firmy
original_source: pierwotne zrodlo | zrodlo | pochodzenie | kanal | zrodlo leada | zrodlo pozyskania
lifecycle: etap cyklu zycia | cykl zycia
"""

STATUS_WORDS = """
won: won | closed won | is won | win | sold | signed | paid | success | successful | gagne | gagnee | gagnes | ferme
  gagne | conclu gagne | cloture gagne | vendu | signe | conclu | paye | gewonnen | abgeschlossen gewonnen |
  geschlossen gewonnen | abgeschlossen und gewonnen | verkauft | unterschrieben | erfolgreich | bezahlt | wygrana |
  wygrane | wygrany | wygrano | zamknieta wygrana | zamkniete wygrane | sprzedane | sprzedano | podpisana |
  podpisano | oplacone
lost: lost | closed lost | is lost | lose | cancelled | canceled | rejected | declined | perdu | perdue | perdus |
  ferme perdu | conclu perdu | cloture perdu | annule | annulee | refuse | refusee | verloren | abgeschlossen
  verloren | geschlossen verloren | abgeschlossen und verloren | abgelehnt | storniert | abgesagt | przegrana |
  przegrane | przegrany | przegrano | zamknieta przegrana | zamkniete przegrane | utracona | utracone | odrzucona |
  odrzucone | anulowana | anulowane
open: open | opened | new | in progress | ongoing | pending | active | ouvert | ouverte | en cours | nouveau |
  nouvelle | en attente | actif | offen | in bearbeitung | neu | laufend | aktiv | otwarta | otwarte | otwarty | w
  toku | w trakcie | nowa | nowe | nowy | aktywna | aktywne
"""

YES = frozenset("true yes y 1 x won oui vrai o ja wahr j tak prawda t gagne gewonnen wygrana".split())


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """The word without accents, case and signs: `Montant (€)` → `montant`, `E-Mail` → `e mail`, `Wartość` → `wartosc`."""
    folded = unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold()
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _SIGNS.sub(" ", bare).strip()


def _lines(block: str) -> dict[str, list[str]]:
    """Name → words; an indented line goes on."""
    lines = block.strip().replace("\n  ", " ").splitlines()
    return {name: words.split(" | ") for name, _, words in (line.partition(": ") for line in lines)}


def _table(block: str) -> dict[str, tuple[str, int]]:
    return {word: (field, rank) for field, words in _lines(block).items() for rank, word in enumerate(words)}


HEADINGS: Mapping[str, Mapping[str, tuple[str, int]]] = {
    language: _table(block) for language, block in zip(LANGUAGES, (ENGLISH, FRENCH, GERMAN, POLISH), strict=True)
}
"""language → heading → (field, rank), 0 the best. A heading means one field, in whatever language."""

FIELDS = tuple(_lines(ENGLISH))
"""What a column may be."""

STATUSES: Mapping[str, str] = {word: status for status, words in _lines(STATUS_WORDS).items() for word in words}
"""Words of a status column; whatever else stands there is a stage."""
