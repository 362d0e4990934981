"""Speeds that README quotes: `python -m tests.benchmarks [name…]` runs the `run()` of each module named (default: all)."""
