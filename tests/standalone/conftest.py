"""Fixtures of the standalone tests."""

from .running_demo import demo

__all__ = ["demo"]
