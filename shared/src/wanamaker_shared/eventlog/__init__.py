"""The event log: one port, an embedded adapter (SQLite), a Kafka adapter, and what consumes it (runner, outbox, replay)."""
