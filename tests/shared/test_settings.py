"""Settings come from the environment, say what they are, and log lines say no more than they should."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError

from wanamaker_shared.eventlog.port import LogUnavailable
from wanamaker_shared.service import logs
from wanamaker_shared.service.errors import describe
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.settings import ServiceSettings

SECRET = "ann@example.com"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WANAMAKER_DATA", str(tmp_path))
    monkeypatch.setenv("WANAMAKER_PORT", "8002")
    monkeypatch.setenv("WANAMAKER_KAFKA", "127.0.0.1:9092")
    settings = ServiceSettings()
    assert (settings.data, settings.port, settings.kafka) == (tmp_path, 8002, "127.0.0.1:9092")
    assert settings.keys_path == tmp_path / "keys.json"


def test_every_setting_is_described() -> None:
    for name, field in ServiceSettings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_keyring_is_read_once_from_where_it_is(tmp_path: Path) -> None:
    write_keys(tmp_path / "elsewhere.json", new_workspace("default"))
    settings = ServiceSettings(data=tmp_path, keys=tmp_path / "elsewhere.json")
    assert settings.keyring is settings.keyring
    assert set(settings.keyring.workspaces) == {"default"}


class Person(BaseModel):
    age: int
    names: dict[str, int] = {}


def _raised(action: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as told:
        action()
    return told.value


def test_an_error_is_described_without_its_values() -> None:
    invalid = _raised(lambda: Person.model_validate({"age": SECRET, "names": {SECRET: SECRET}}))
    assert isinstance(invalid, ValidationError)
    assert "ValidationError (age: int_parsing, names.?: int_parsing)" in describe(invalid)
    assert describe(_raised(lambda: dict[str, int]()[SECRET])).startswith("KeyError at shared/test_settings.py:")
    original = type("UniqueViolationError", (Exception,), {"sqlstate": "23505"})(f"Key (email)=({SECRET})")
    assert describe(DBAPIError(f"INSERT {SECRET}", {}, original)) == "DBAPIError (23505)"
    assert describe(LogUnavailable("disk full")) == "LogUnavailable: disk full"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    logs.configure("identity", "info")
    yield stderr
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def test_a_line_is_one_json_object_without_the_exception_message(written: io.StringIO) -> None:
    try:
        raise RuntimeError(f"cannot greet {SECRET}")
    except RuntimeError:
        structlog.get_logger().error("greeting failed", count=3, exc_info=True)
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    structlog.get_logger().debug("too small to tell")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["greeting failed", "Exception in ASGI application\n"]
    assert (lines[0]["service"], lines[0]["level"], lines[0]["count"]) == ("identity", "error", 3)
    assert all(line["error"].startswith("RuntimeError at ") for line in lines)
    assert SECRET not in written.getvalue()
