"""Generations on PostgreSQL: a schema each, and one table that says which is live."""

from __future__ import annotations

import re

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, insert, select, text, update

from .generations import GenerationPassed
from .postgres import PostgresDatabase

_metadata = MetaData(schema="public")
_pointer = Table(
    "wanamaker_generation",
    _metadata,
    Column("service", Text, primary_key=True),
    Column("live", BigInteger, nullable=False),
)


class PostgresGenerations:
    """Schemas `<service>_g<N>` of one database, and the table `public.wanamaker_generation` that holds the live number."""

    def __init__(self, url: str, service: str) -> None:
        self._url = url
        self._service = service.replace("-", "_")
        self._control = PostgresDatabase(url, "public", pool_size=2)
        self._prepared = False

    async def live_generation(self) -> int:
        if not self._prepared:
            await self._control.write(_metadata.create_all)
            self._prepared = True
        return await self._control.read(self._read_live)

    def open(self, generation: int) -> PostgresDatabase:
        return PostgresDatabase(self._url, self._schema(generation))

    async def create_next(self) -> tuple[int, PostgresDatabase]:
        live = await self.live_generation()

        def create(connection: Connection) -> int:
            generation = max([live, *self._numbers(connection)]) + 1
            connection.exec_driver_sql(f'CREATE SCHEMA "{self._schema(generation)}"')
            return generation

        generation = await self._control.write(create)
        return generation, self.open(generation)

    async def swap(self, generation: int) -> None:
        await self.live_generation()

        def move(connection: Connection) -> None:
            if generation <= (live := self._read_live(connection)):
                raise GenerationPassed(f"generation {generation} cannot follow {live}, which is live")
            moved = connection.execute(
                update(_pointer).where(_pointer.c.service == self._service).values(live=generation)
            )
            if moved.rowcount == 0:
                connection.execute(insert(_pointer).values(service=self._service, live=generation))

        await self._control.write(move)

    async def drop_old(self) -> None:
        live = await self.live_generation()

        def drop(connection: Connection) -> None:
            for number in self._numbers(connection):
                if number < live:
                    connection.exec_driver_sql(f'DROP SCHEMA "{self._schema(number)}" CASCADE')

        await self._control.write(drop)

    async def close(self) -> None:
        await self._control.close()

    def _schema(self, generation: int) -> str:
        return f"{self._service}_g{generation}"

    def _read_live(self, connection: Connection) -> int:
        return connection.scalar(select(_pointer.c.live).where(_pointer.c.service == self._service)) or 1

    def _numbers(self, connection: Connection) -> list[int]:
        names = connection.scalars(text("SELECT nspname FROM pg_catalog.pg_namespace"))
        found = (re.fullmatch(rf"{re.escape(self._service)}_g(\d+)", name) for name in names)
        return [int(match[1]) for match in found if match]
