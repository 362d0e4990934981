"""docs/meanings.md as a test: every rule has an example, and every example comes out as the page says."""
