"""The services whose databases are a pure function of the log, and how each generation's projection is made for a replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Table

import wanamaker_attribution.tables
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_identity.projection import IdentityProjection
from wanamaker_shared.eventlog.projection import Projection
from wanamaker_shared.service.keys import Keyring

REBUILT: Mapping[str, Callable[[Keyring, int], Projection]] = {
    "identity": lambda keyring, generation: IdentityProjection(keyring, generation),
    "attribution": lambda keyring, _: AttributionProjection(
        keyring, now=None
    ),  # a replay changes nothing that was shown
}
"""In the order the data flows. The crm-bridge is not among them: its inbox is kept for thirty days only."""

HISTORY: Mapping[str, tuple[Table, ...]] = {"attribution": (wanamaker_attribution.tables.restatement,)}
"""Written once and not derived: the next generation takes these tables over from the live one."""
