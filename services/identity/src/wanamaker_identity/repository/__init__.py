"""All SQL of identity. Every function works on the connection it is given and never commits.

One statement for many keys, never one for each; a subject's first or last row is found by index, however many rows it has.
"""
