"""Names of months in English, French, German and Polish, whole and cut short, as `words.plain` leaves them."""

from __future__ import annotations

_NAMES = """
january jan janvier janv januar janner jaenner styczen stycznia sty
february feb fevrier fevr fev februar luty lutego lut
march mar mars marz maerz mrz marzec marca
april apr avril avr kwiecien kwietnia kwi
may mai maj maja
june jun juin juni czerwiec czerwca cze
july jul juillet juil juli lipiec lipca lip
august aug aout sierpien sierpnia sie
september sep sept septembre wrzesien wrzesnia wrz
october oct octobre oktober okt pazdziernik pazdziernika paz
november nov novembre listopad listopada lis
december dec decembre dezember dez grudzien grudnia gru
"""

MONTHS = {name: month for month, line in enumerate(_NAMES.strip().splitlines(), start=1) for name in line.split()}
