"""How each CRM proves who it is: one row a scheme, and for each CRM the schemes that count unless its connection names one.

A new CRM is a row here and a mapping in `dialects/`; or, with the dialect `mapped`, configuration alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from .signatures import Scheme
from .tokens import BASIC, BEARER, BODY_TOKEN, PATH, Token

Verifier = Scheme | Token

STANDARD_WEBHOOKS = Scheme(
    name="standard-webhooks",
    id_header=b"webhook-id",
    timestamp_header=b"webhook-timestamp",
    signature_header=b"webhook-signature",
    parts=("id", "timestamp", "body"),
    separator=b".",
    version=b"v1,",
    secret_prefix="whsec_",  # noqa: S106  how secrets begin, not one
)
"""https://github.com/standard-webhooks/standard-webhooks, version 1.0.0, symmetric signatures."""

STRIPE = Scheme(
    name="stripe",
    signature_header=b"stripe-signature",
    parts=("timestamp", "body"),
    separator=b".",
    packed=True,
    version=b"v1",
    encoding="hex",
)
"""https://docs.stripe.com/webhooks#verify-manually; unlike Stripe's library it refuses times that lie ahead too."""

HUBSPOT_V3 = Scheme(
    name="hubspot-v3",
    signature_header=b"x-hubspot-signature-v3",
    timestamp_header=b"x-hubspot-request-timestamp",
    parts=("method", "uri", "body", "timestamp"),
    ticks_per_second=1000,
    plain_in_query=":/?@!$'()*,;",
)
"""https://developers.hubspot.com/docs/api/webhooks/validating-requests; the query's plain characters as listed there."""

HUBSPOT_V2 = Scheme(
    name="hubspot-v2",
    signature_header=b"x-hubspot-signature",
    parts=("secret", "method", "uri", "body"),
    keyed=False,
    encoding="hex",
)
"""Has no time and can be sent again for ever: only where a connection asks for it."""

HUBSPOT_V1 = Scheme(
    name="hubspot-v1",
    signature_header=b"x-hubspot-signature",
    parts=("secret", "body"),
    keyed=False,
    encoding="hex",
)

SCHEMES: Mapping[str, Verifier] = {
    scheme.name: scheme
    for scheme in (
        STANDARD_WEBHOOKS,
        STRIPE,
        HUBSPOT_V3,
        HUBSPOT_V2,
        HUBSPOT_V1,
        BEARER,
        BASIC,
        PATH,
        BODY_TOKEN,
    )
}

CRMS: Mapping[str, tuple[Verifier, ...]] = {
    "generic": (STANDARD_WEBHOOKS,),
    "mapped": (STANDARD_WEBHOOKS,),
    "hubspot": (HUBSPOT_V3,),
    "pipedrive": (BASIC,),
    "zoho": (BODY_TOKEN,),
}
"""The CRMs that call us, each with the schemes that count for it."""
