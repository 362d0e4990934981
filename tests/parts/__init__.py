"""Real parts for tests and for `make services`: Apache Kafka from Maven Central's artifacts, PostgreSQL from a wheel."""
