"""A demo company's traffic, CRM and ad costs as frozen values, with the truth known by construction.

Pure: no I/O, no clock (the end date is an argument), and numbers drawn only from `Dice`, so a seed gives the same bytes on
every machine and Python version.
"""
