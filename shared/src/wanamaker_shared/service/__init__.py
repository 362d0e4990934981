"""The chassis every service stands on: settings, keys, database, health, metrics, logging."""
