"""The reads of the live tables: a connection and what is asked in, rows out; one file for each thing that is asked for."""
