"""Fixtures that every test may ask for: a real Kafka, a real PostgreSQL."""

pytest_plugins = ["tests.parts.fixtures"]
