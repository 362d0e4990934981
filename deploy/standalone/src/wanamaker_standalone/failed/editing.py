"""Mending a failed event: single values set by their path, or its text in the person's own editor."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from ..refusal import Refusal


def with_values(raw: bytes, settings: Iterable[str]) -> bytes:
    """The JSON event with each `path=value` set; a path is names and places joined by dots, `deal.contacts.0.email`.

    A value is JSON if it reads as that (`5`, `true`, `null`, `"5"`), else text. Raises Refusal.
    """
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Refusal("the event is no JSON, so no value can be set in it; mend its text: leave out --set") from error
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path:
            raise Refusal(f"--set takes PATH=VALUE, like --set anonymousId=c1; not {setting!r}")
        event = _set(event, path.split("."), _value(value), path)
    return orjson.dumps(event)


def in_editor(raw: bytes, editor: str) -> bytes | None:
    """The text as the person left it, or None if it was not changed. Raises Refusal if the editor cannot be run, or fails.

    JSON is laid out over several lines first.
    """
    before = _laid_out(raw)
    with tempfile.TemporaryDirectory(prefix="wanamaker-") as directory:  # readable by its owner only
        path = Path(directory) / "event.json"
        path.write_bytes(before)
        try:
            ended = subprocess.run([*shlex.split(editor), str(path)], check=False)
        except (OSError, ValueError) as error:
            raise Refusal(
                f"cannot start the editor {editor!r}; say which with --editor, or use --set or --file"
            ) from error
        if ended.returncode != 0:
            raise Refusal(f"the editor {editor!r} ended with {ended.returncode}; nothing was sent in")
        after = path.read_bytes()
    return None if after == before else after


def _laid_out(raw: bytes) -> bytes:
    try:
        return orjson.dumps(orjson.loads(raw), option=orjson.OPT_INDENT_2) + b"\n"
    except orjson.JSONDecodeError:
        return raw


def _set(holder: Any, steps: list[str], value: Any, path: str) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(holder, list):
        if not step.isdecimal() or int(step) >= len(holder):
            raise Refusal(f"--set {path}: {step!r} is no place of a list of {len(holder)}")
        return [_set(each, rest, value, path) if n == int(step) else each for n, each in enumerate(holder)]
    if not isinstance(holder, dict):
        raise Refusal(f"--set {path}: {step!r} would stand in something that is no object")
    return {**holder, step: _set(holder.get(step, {} if rest else None), rest, value, path)}


def _value(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
