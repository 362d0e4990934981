"""The contracts between the services: one file per topic, additive only.

A record's value in the log is its canonical JSON (`record.encode`), so that its SHA-256 is the same wherever it is read.
"""
