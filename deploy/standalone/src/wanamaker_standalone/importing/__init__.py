"""Imports from the command line: asking the crm-bridge, and telling a person what it answered."""
