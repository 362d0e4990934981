"""The services that are proved and rebuilt: the one place of the command line that imports them."""

from __future__ import annotations

from wanamaker_attribution.projection import AttributionProjection
from wanamaker_attribution.tables import restatement
from wanamaker_identity.projection import IdentityProjection

from .rebuilt import Rebuilt, Services

REBUILT: Services = {
    "identity": Rebuilt(lambda keyring, generation: IdentityProjection(keyring, generation)),
    # now=None: a replay changes nothing that was ever shown, so it writes no restatements
    "attribution": Rebuilt(lambda keyring, _: AttributionProjection(keyring, now=None), history=(restatement,)),
}
"""The crm-bridge is not among them: its inbox is kept for thirty days only."""
