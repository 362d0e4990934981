"""A part that this machine cannot run, and why."""


class PartMissing(Exception):
    """The message is for the one who reads the test summary: what is missing and how to get it."""
