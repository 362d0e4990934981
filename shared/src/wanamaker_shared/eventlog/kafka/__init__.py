"""The Kafka event log, for the cluster topology, on aiokafka. `KafkaLog` keeps the port's contract."""

from .log import KafkaLog

__all__ = ["KafkaLog"]
