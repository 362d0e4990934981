"""The demo's shell: sends a simulation through the public endpoints, waits, and shows what came of it."""
