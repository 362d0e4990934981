"""A contact's e-mails as properties of `contact.revised`: keys by which they join, and domains by which people have accounts.

Pure. For every dialect: so that all of them state the two alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from wanamaker_shared.contracts.domains import email_domain
from wanamaker_shared.contracts.identifiers import linkable_email_key


def email_properties(stated: Sequence[str] | None, workspace_key: bytes) -> dict[str, list[str | None] | None]:
    """`email_keys` and `email_domains`, of one length and in one order; None clears both.

    `stated` is the whole list as the CRM has it. What is no address, or a placeholder, is left out; a hash has no domain.
    """
    if stated is None:
        return {"email_keys": None, "email_domains": None}
    keyed = {key: email_domain(text) for text in stated if (key := linkable_email_key(workspace_key, text)) is not None}
    return {"email_keys": list(keyed), "email_domains": list(keyed.values())}
