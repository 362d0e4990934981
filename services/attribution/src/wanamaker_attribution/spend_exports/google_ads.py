"""Google Ads: a report of campaigns (or finer) with the column Day, downloaded as CSV or as CSV for Excel.

Above the table stand the report's name and its period, below it lines `Total: …`. The file for Excel is UTF-16 with tabs.
Source: support.google.com/google-ads (download a report; segment by day; the currency code column).
"""

from __future__ import annotations

from .layout import Platform

PLATFORM = Platform(
    name="google_ads",
    title="Google Ads",
    source="google",
    medium="cpc",
    headings={
        "day": {
            "en": ("day",),
            "de": ("tag",),
            "fr": ("jour",),
            "pl": ("dzień",),
            "es": ("día",),
            "it": ("giorno",),
            "nl": ("dag",),
            "pt": ("dia",),
        },
        "coarser": {
            "en": ("week", "month", "quarter", "year"),
            "de": ("woche", "monat", "quartal", "jahr"),
            "fr": ("semaine", "mois", "trimestre", "année"),
            "pl": ("tydzień", "miesiąc", "kwartał", "rok"),
            "es": ("semana", "mes", "trimestre", "año"),
            "it": ("settimana", "mese", "trimestre", "anno"),
            "nl": ("week", "maand", "kwartaal", "jaar"),
            "pt": ("semana", "mês", "trimestre", "ano"),
        },
        "partial": {
            "en": ("search term", "search query"),
            "de": ("suchbegriff", "suchanfrage"),
            "fr": ("terme de recherche", "requête de recherche"),
            "pl": ("wyszukiwane hasło", "zapytanie"),
            "es": ("término de búsqueda", "consulta de búsqueda"),
            "it": ("termine di ricerca", "query di ricerca"),
            "nl": ("zoekterm", "zoekopdracht"),
            "pt": ("termo de pesquisa", "consulta de pesquisa"),
        },
        "campaign": {
            "en": ("campaign",),
            "de": ("kampagne",),
            "fr": ("campagne",),
            "pl": ("kampania",),
            "es": ("campaña",),
            "it": ("campagna",),
            "nl": ("campagne",),
            "pt": ("campanha",),
        },
        "campaign_id": {
            "en": ("campaign id",),
            "de": ("kampagnen-id", "kampagnen id"),
            "fr": ("id de la campagne", "id de campagne", "id campagne"),
            "pl": ("identyfikator kampanii",),
            "es": ("id. de campaña", "id de campaña", "id de la campaña"),
            "it": ("id campagna",),
            "nl": ("campagne-id",),
            "pt": ("código da campanha", "id da campanha"),
        },
        "account": {
            "en": ("account", "account name"),
            "de": ("konto", "kontoname"),
            "fr": ("compte", "nom du compte"),
            "pl": ("konto", "nazwa konta"),
            "es": ("cuenta", "nombre de la cuenta"),
            "it": ("account", "nome account"),
            "nl": ("account", "accountnaam"),
            "pt": ("conta", "nome da conta"),
        },
        "account_id": {
            "en": ("customer id", "account id"),
            "de": ("kundennummer", "kunden-id"),
            "fr": ("numéro client", "id client"),
            "pl": ("identyfikator klienta", "numer klienta"),
            "es": ("id de cliente", "id. de cliente"),
            "it": ("id cliente",),
            "nl": ("klant-id",),
            "pt": ("id do cliente", "código do cliente"),
        },
        "cost": {
            "en": ("cost",),
            "de": ("kosten",),
            "fr": ("coût",),
            "pl": ("koszt",),
            "es": ("coste", "costo"),
            "it": ("costo",),
            "nl": ("kosten",),
            "pt": ("custo",),
        },
        "currency": {
            "en": ("currency code", "currency"),
            "de": ("währungscode", "währung"),
            "fr": ("code de la devise", "code de devise", "code devise", "devise"),
            "pl": ("kod waluty", "waluta"),
            "es": ("código de moneda", "código de la moneda", "moneda"),
            "it": ("codice valuta", "valuta"),
            "nl": ("valutacode", "valuta"),
            "pt": ("código da moeda", "código de moeda", "moeda"),
        },
    },
    by_day="Add Segment > Time > Day to the table (in the report editor the column Day) and download it again.",
    currency="Add the column Attributes > Currency code",
)
