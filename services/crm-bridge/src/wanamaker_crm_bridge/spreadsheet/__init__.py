"""Deals in a spreadsheet: what its columns and cells mean, and the records a row becomes. Pure; files are read in `importing`."""
