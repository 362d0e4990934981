"""The pure core of the reports: sums in, rows out. No I/O, no clock; exact whole numbers until a row is shown."""
