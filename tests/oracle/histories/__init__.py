"""Histories computed by hand: the arithmetic stands in each docstring, the oracle must give the same to the cent."""
