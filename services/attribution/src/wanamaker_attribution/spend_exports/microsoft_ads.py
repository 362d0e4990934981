"""Microsoft Ads (Bing): the campaign report with the unit of time Day, downloaded as CSV.

Above the table stand lines like `Report Name: …`, below it Microsoft's copyright. Sources: help.ads.microsoft.com (create a
report) and learn.microsoft.com/advertising/guides/reports (header, footer, TimePeriod in the API's own files).
"""

from __future__ import annotations

from .layout import Platform

PLATFORM = Platform(
    name="microsoft_ads",
    title="Microsoft Ads",
    source="bing",
    medium="cpc",
    headings={
        "day": {
            "en": ("gregorian date", "day", "date", "timeperiod", "time period"),
            "de": ("gregorianisches datum", "tag", "datum"),
            "fr": ("date grégorienne", "jour", "date"),
            "pl": ("data gregoriańska", "dzień", "data"),
            "es": ("fecha gregoriana", "día", "fecha"),
            "it": ("data gregoriana", "giorno", "data"),
            "nl": ("gregoriaanse datum", "dag", "datum"),
            "pt": ("data gregoriana", "dia", "data"),
        },
        "coarser": {
            "en": ("week", "month", "year", "hour", "hour of day", "day of week"),
            "de": ("woche", "monat", "jahr", "stunde", "wochentag"),
            "fr": ("semaine", "mois", "année", "heure", "jour de la semaine"),
            "pl": ("tydzień", "miesiąc", "rok", "godzina", "dzień tygodnia"),
            "es": ("semana", "mes", "año", "hora", "día de la semana"),
            "it": ("settimana", "mese", "anno", "ora", "giorno della settimana"),
            "nl": ("week", "maand", "jaar", "uur"),
            "pt": ("semana", "mês", "ano", "hora"),
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
            "en": ("campaign name", "campaignname", "campaign"),
            "de": ("kampagnenname", "kampagne"),
            "fr": ("nom de la campagne", "nom de campagne", "campagne"),
            "pl": ("nazwa kampanii", "kampania"),
            "es": ("nombre de la campaña", "nombre de campaña", "campaña"),
            "it": ("nome della campagna", "nome campagna", "campagna"),
            "nl": ("campagnenaam", "campagne"),
            "pt": ("nome da campanha", "campanha"),
        },
        "campaign_id": {
            "en": ("campaign id", "campaignid"),
            "de": ("kampagnen-id", "kampagnen id"),
            "fr": ("id de la campagne", "id de campagne", "identifiant de campagne"),
            "pl": ("identyfikator kampanii", "id kampanii"),
            "es": ("id. de campaña", "id de campaña", "id de la campaña"),
            "it": ("id campagna", "id della campagna"),
            "nl": ("campagne-id",),
            "pt": ("id da campanha", "identificação da campanha"),
        },
        "account": {
            "en": ("account name", "accountname", "account"),
            "de": ("kontoname", "konto"),
            "fr": ("nom du compte", "compte"),
            "pl": ("nazwa konta", "konto"),
            "es": ("nombre de la cuenta", "nombre de cuenta", "cuenta"),
            "it": ("nome account", "nome dell'account", "account"),
            "nl": ("accountnaam", "account"),
            "pt": ("nome da conta", "conta"),
        },
        "account_id": {
            "en": ("account id", "accountid", "account number", "accountnumber"),
            "de": ("konto-id", "kontonummer"),
            "fr": ("id du compte", "numéro de compte"),
            "pl": ("identyfikator konta", "numer konta"),
            "es": ("id. de cuenta", "número de cuenta"),
            "it": ("id account", "numero account"),
            "nl": ("account-id", "accountnummer"),
            "pt": ("id da conta", "número da conta"),
        },
        "cost": {
            "en": ("spend",),
            "de": ("ausgaben",),
            "fr": ("dépenses", "dépense"),
            "pl": ("wydatki",),
            "es": ("gasto", "inversión"),
            "it": ("spesa",),
            "nl": ("uitgaven",),
            "pt": ("gasto", "gastos"),
        },
        "currency": {
            "en": ("currency code", "currencycode", "currency"),
            "de": ("währungscode", "währung"),
            "fr": ("code de devise", "code devise", "devise"),
            "pl": ("kod waluty", "waluta"),
            "es": ("código de moneda", "moneda"),
            "it": ("codice valuta", "valuta"),
            "nl": ("valutacode", "valuta"),
            "pt": ("código da moeda", "moeda"),
        },
    },
    by_day="Choose the unit of time Day in the report's settings and download it again.",
    currency="Add the column Attributes > Currency code",
    proof=(
        *("microsoft", "report name:", "report aggregation:", "timeperiod", "campaignname", "accountnumber"),
        *("gregorian date", "gregorianisches datum", "date grégorienne", "data gregoriańska", "fecha gregoriana"),
        *("data gregoriana", "gregoriaanse datum", "berichtsname", "nom du rapport", "nazwa raportu"),
        *("nombre del informe", "nome report", "nome del report", "rapportnaam", "nome do relatório"),
    ),
    marks=("report name:", "report aggregation:"),
    coarse=("report aggregation: week", "report aggregation: month", "report aggregation: year"),
)
