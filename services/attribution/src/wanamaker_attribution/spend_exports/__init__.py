"""Exports of ad platforms as their sites write them: preambles, totals, headings and numbers of many countries. Pure.

One file for each platform holds its words; the others know nothing of a platform.
"""

from .layout import Asked, BadExport, Cost, Export, Platform, Refused
from .reading import read_export
from .recognising import PLATFORMS

__all__ = ["PLATFORMS", "Asked", "BadExport", "Cost", "Export", "Platform", "Refused", "read_export"]
