"""Failed events for those who can mend them: what is kept of each, and sending one in again by the way that it came."""
