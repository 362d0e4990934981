"""Tracking links: their names, targets and slugs, and what becomes of a request for some. Pure."""
