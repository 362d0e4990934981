"""The examples of docs/meanings.md, as they stand there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "meanings.md"


@dataclass(frozen=True, slots=True)
class Expectation:
    """`= name args: value`."""

    name: str
    args: str
    value: str

    @property
    def head(self) -> str:
        return f"{self.name} {self.args}".strip()


@dataclass(frozen=True, slots=True)
class Example:
    id: str
    told: tuple[str, ...]
    """One record a line; a line `later` stands before those that came after the reports were shown."""
    expected: tuple[Expectation, ...]


@dataclass(slots=True)
class Rule:
    title: str
    examples: list[Example] = field(default_factory=list)


def rules_of(text: str) -> list[Rule]:
    """The page's rules (`### …`) with their examples. Raises ValueError for an example outside a rule or never closed."""
    rules: list[Rule] = []
    lines = iter(text.splitlines())
    for line in lines:
        if title := re.fullmatch(r"### (.+)", line):
            rules.append(Rule(title[1]))
        elif opened := re.fullmatch(r"```example (\S+)", line):
            body = []
            for inner in lines:
                if inner == "```":
                    break
                body.append(inner)
            else:
                raise ValueError(f"example {opened[1]} is never closed")
            if not rules:
                raise ValueError(f"example {opened[1]} stands outside a rule")
            rules[-1].examples.append(_example(opened[1], body))
        elif line.startswith("```"):
            raise ValueError(f"only examples are fenced on this page: {line}")
    return rules


def _example(id: str, body: list[str]) -> Example:
    lines = [line for line in body if line.strip()]
    expected = []
    for line in lines:
        if line.startswith("= "):
            head, _, value = f"{line[2:]} ".partition(": ")
            name, _, args = head.partition(" ")
            expected.append(Expectation(name, args.strip(), value.strip()))
    return Example(id, tuple(line for line in lines if not line.startswith("= ")), tuple(expected))
