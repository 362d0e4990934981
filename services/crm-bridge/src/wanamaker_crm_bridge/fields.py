"""An object of a webhook, field by field: absent = not stated, null = cleared, else through a reader of `values`."""

from __future__ import annotations

from typing import Any, TypeVar

from .unmappable import Unmappable
from .values import Read, identifier

T = TypeVar("T")


class Fields:
    """The fields of one object; `path` is how a reason names it (`deal.contacts[0]`, empty for the outermost)."""

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, dict):
            raise Unmappable(path or "body", "must be an object")
        self._value = value
        self._path = path

    def path(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def raw(self, name: str) -> Any:
        """The value as parsed; None if it is absent."""
        return self._value.get(name)

    def required(self, name: str, read: Read[T]) -> T:
        if self._value.get(name) is None:
            raise Unmappable(self.path(name), "is missing")
        return read(self._value[name], self.path(name))

    def optional(self, name: str, read: Read[T]) -> T | None:
        """None if it is absent or null."""
        return None if self._value.get(name) is None else read(self._value[name], self.path(name))

    def stated(self, name: str, read: Read[T]) -> dict[str, T | None]:
        """`{}` if it is absent, `{name: None}` if it is cleared, else `{name: value}`."""
        return {name: self.optional(name, read)} if name in self._value else {}

    def states(self, name: str) -> bool:
        return name in self._value

    def id(self, name: str = "id") -> str:
        return self.required(name, identifier)

    def object(self, name: str) -> Fields:
        if self._value.get(name) is None:
            raise Unmappable(self.path(name), "is missing")
        return Fields(self._value[name], self.path(name))

    def objects(self, name: str) -> list[Fields]:
        """The objects of a list, however long; none if it is absent or null."""
        values = self._value.get(name)
        if values is None:
            return []
        if not isinstance(values, list):
            raise Unmappable(self.path(name), "must be a list")
        return [Fields(value, f"{self.path(name)}[{index}]") for index, value in enumerate(values)]
