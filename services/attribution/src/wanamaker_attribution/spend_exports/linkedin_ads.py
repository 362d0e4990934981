"""LinkedIn Ads: the Campaign Manager's campaign performance report, time breakdown daily.

Above the table stand the report's name, its period and when it was made. UTF-16 with tabs, or UTF-8 with commas; days are of
UTC. A sum of a whole period bears its first day and looks like a day's. Source: linkedin.com/help/lms (export reporting data).
"""

from __future__ import annotations

from .layout import Platform

PLATFORM = Platform(
    name="linkedin_ads",
    title="LinkedIn Ads",
    source="linkedin",
    medium="paid-social",
    headings={
        "day": {
            "en": ("start date", "date", "day"),
            "de": ("startdatum", "datum", "tag"),
            "fr": ("date de début", "date", "jour"),
            "pl": ("data rozpoczęcia", "data początkowa", "data", "dzień"),
            "es": ("fecha de inicio", "fecha"),
            "it": ("data di inizio", "data inizio", "data"),
            "nl": ("begindatum", "startdatum", "datum"),
            "pt": ("data de início", "data inicial", "data"),
        },
        "ends": {
            "en": ("end date",),
            "de": ("enddatum",),
            "fr": ("date de fin",),
            "pl": ("data zakończenia", "data końcowa"),
            "es": ("fecha de finalización", "fecha de fin"),
            "it": ("data di fine", "data fine"),
            "nl": ("einddatum",),
            "pt": ("data de término", "data final"),
        },
        "campaign": {
            "en": ("campaign name", "campaign"),
            "de": ("kampagnenname", "name der kampagne", "kampagne"),
            "fr": ("nom de la campagne", "nom de campagne", "campagne"),
            "pl": ("nazwa kampanii", "kampania"),
            "es": ("nombre de la campaña", "nombre de campaña"),
            "it": ("nome della campagna", "nome campagna"),
            "nl": ("campagnenaam", "naam van campagne"),
            "pt": ("nome da campanha",),
        },
        "campaign_id": {
            "en": ("campaign id",),
            "de": ("kampagnen-id", "kampagnen id"),
            "fr": ("id de la campagne", "identifiant de campagne", "identifiant de la campagne", "id de campagne"),
            "pl": ("identyfikator kampanii", "id kampanii"),
            "es": ("identificador de la campaña", "id de la campaña", "id de campaña"),
            "it": ("id campagna", "id della campagna"),
            "nl": ("campagne-id",),
            "pt": ("id da campanha", "código da campanha"),
        },
        "account": {
            "en": ("account name",),
            "de": ("kontoname", "name des kontos"),
            "fr": ("nom du compte",),
            "pl": ("nazwa konta",),
            "es": ("nombre de la cuenta", "nombre de cuenta"),
            "it": ("nome dell'account", "nome account"),
            "nl": ("accountnaam",),
            "pt": ("nome da conta",),
        },
        "account_id": {
            "en": ("account id",),
            "de": ("konto-id",),
            "fr": ("id du compte", "identifiant du compte"),
            "pl": ("identyfikator konta", "id konta"),
            "es": ("identificador de la cuenta", "id de la cuenta"),
            "it": ("id account", "id dell'account"),
            "nl": ("account-id",),
            "pt": ("id da conta", "código da conta"),
        },
        "cost": {
            "en": ("total spent", "total spend"),
            "de": ("gesamtausgaben", "ausgaben gesamt", "ausgaben insgesamt", "gesamtbetrag ausgegeben"),
            "fr": ("total dépensé", "dépense totale", "dépenses totales", "montant total dépensé"),
            "pl": ("łącznie wydano", "łączne wydatki", "suma wydatków", "łączna wydana kwota"),
            "es": ("total gastado", "gasto total"),
            "it": ("totale speso", "spesa totale", "importo totale speso"),
            "nl": ("totaal besteed", "totaal uitgegeven", "totale uitgaven"),
            "pt": ("total gasto", "gasto total", "valor total gasto"),
        },
        "currency": {
            "en": ("currency",),
            "de": ("währung",),
            "fr": ("devise",),
            "pl": ("waluta",),
            "es": ("divisa", "moneda"),
            "it": ("valuta",),
            "nl": ("valuta",),
            "pt": ("moeda",),
        },
    },
    by_day="Choose the report Campaign performance with the time breakdown Daily and export it again.",
    currency="The report has the column Currency",
    marks=(
        "campaign performance report",
        "ad performance report",
        "creative performance report",
        "account performance report",
    ),
    one_date=True,
)
