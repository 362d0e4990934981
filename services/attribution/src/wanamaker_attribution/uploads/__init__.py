"""From what somebody uploads to the records it appends, and what is wrong with the rest. Pure."""
