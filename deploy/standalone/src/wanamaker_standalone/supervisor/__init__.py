"""Runs Wanamaker's production processes on one machine: starts, watches, restarts and stops them in order."""
