"""Runs the benchmarks named on the command line, or all modules of this package that have a `run()`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.benchmarks as package


def main() -> None:
    names = sys.argv[1:] or sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    for name in names:
        if name.startswith("_"):
            continue
        run = getattr(importlib.import_module(f"tests.benchmarks.{name}"), "run", None)
        if run is not None:
            print(f"── {name}", flush=True)
            run()


if __name__ == "__main__":
    main()
