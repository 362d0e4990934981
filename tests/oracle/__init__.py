"""The batch oracle: what the numbers mean, computed once from the whole set of records, slowly and plainly.

It is written from docs/meanings.md alone and imports nothing of the product but the record shapes, so that the two can
only agree where both follow the same rules. `tables` is the way in.
"""

from .tables import Tables, tables

__all__ = ["Tables", "tables"]
