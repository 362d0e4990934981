"""What all services share: the contracts of the topics, the event log, and the service chassis."""
