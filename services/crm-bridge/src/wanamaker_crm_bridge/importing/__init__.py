"""Importing spreadsheets: files in, rows through the inbox, and how far each import is. What a row means is in `spreadsheet`."""
