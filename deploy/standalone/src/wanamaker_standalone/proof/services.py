"""The services' own projections and tables: the one place of the command line that imports the services."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import MetaData

import wanamaker_attribution.tables
import wanamaker_crm_bridge.tables
import wanamaker_identity.tables
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_identity.projection import IdentityProjection

from .rebuilt import Rebuilt, Services

REBUILT: Services = {
    "identity": Rebuilt(lambda keyring, generation: IdentityProjection(keyring, generation)),
    # now=None: a replay changes nothing that was ever shown, so it writes no restatements
    "attribution": Rebuilt(
        lambda keyring, _: AttributionProjection(keyring, now=None), history=(wanamaker_attribution.tables.restatement,)
    ),
}
"""The crm-bridge is not among them: its inbox is kept for thirty days only."""

TABLES: Mapping[str, MetaData] = {
    "crm-bridge": wanamaker_crm_bridge.tables.metadata,
    "identity": wanamaker_identity.tables.metadata,
    "attribution": wanamaker_attribution.tables.metadata,
}
