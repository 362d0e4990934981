"""Proves that the tables are what the log says: replays it and compares, row by row."""
