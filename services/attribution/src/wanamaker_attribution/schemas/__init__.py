"""HTTP bodies: what callers may send, checked field by field, and what they get, for the OpenAPI page."""
