"""Failed events at the command line: read from the log, mended in an editor, sent in again through the running services."""
