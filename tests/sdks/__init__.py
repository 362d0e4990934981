"""Real packages of others, installed from their registries, send to a running collector; the log says how it arrived."""
