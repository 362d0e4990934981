"""The small company, served, and one that has nothing. Tables are made once; each test gets a copy of them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .company import two_companies
from .linking import links_served, state
from .serving import Api, lay_out, opened


@pytest.fixture(scope="session")
def company_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("company")
    asyncio.run(lay_out(data, two_companies()))
    return data


@pytest.fixture
async def api(company_data: Path, tmp_path: Path) -> AsyncIterator[Api]:
    shutil.copytree(company_data, tmp_path, dirs_exist_ok=True)
    async with opened(tmp_path) as client:
        yield client


@pytest.fixture(scope="session")
def empty_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("empty")
    asyncio.run(lay_out(data, ()))
    return data


@pytest.fixture
async def empty(empty_data: Path, tmp_path: Path) -> AsyncIterator[Api]:
    """Nothing was ever sent."""
    shutil.copytree(empty_data, tmp_path, dirs_exist_ok=True)
    async with opened(tmp_path) as client:
        yield client


@pytest.fixture(scope="session")
def shop_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both workspaces may link to shop.example."""
    data = tmp_path_factory.mktemp("shop")

    async def lay() -> None:
        await lay_out(data, ())
        async with links_served(data) as api:
            await state(api, {"own_domains": ["shop.example"]})
            await state(api, {"link_domains": ["shop.example"]}, key="a-w2")

    asyncio.run(lay())
    return data


@pytest.fixture
async def shop(shop_data: Path, tmp_path: Path) -> AsyncIterator[Api]:
    shutil.copytree(shop_data, tmp_path, dirs_exist_ok=True)
    async with links_served(tmp_path) as api:
        yield api
