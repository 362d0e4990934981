"""The page at `/`: its own files only, nothing from elsewhere, and none of it asks for a key to be shown."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from wanamaker_attribution.reports.measures import COLUMNS

from .serving import Api

FILES = ("index.html", "page.css", "page.js", "icon.svg")


def source(name: str) -> str:
    return files("wanamaker_attribution").joinpath("dashboard", name).read_text()


async def test_the_page_and_its_files_are_served(empty: Api) -> None:
    page = await empty.client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text == source("index.html")
    for path in re.findall(r'(?:href|src)="(/dashboard/[^"]+)"', page.text):
        answer = await empty.client.get(path)
        assert answer.status_code == 200
        assert answer.text == source(path.rpartition("/")[2])
    assert (await empty.client.get("/dashboard/..%2Fapp.py")).status_code == 404
    assert (await empty.client.get("/dashboard/app.py")).status_code == 404


async def test_the_browser_may_load_nothing_from_elsewhere(empty: Api) -> None:
    policy = (await empty.client.get("/")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    text = source(name).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "//" not in re.sub(r"(?m)^\s*//.*$|; // .*$", "", text)
    assert " style=" not in text
    assert "onclick" not in text


def test_every_element_that_the_script_names_is_on_the_page() -> None:
    script, page = source("page.js"), source("index.html")
    ids = set(re.findall(r'\$\("([\w-]+)"\)', script)) | set(re.findall(r'show\("([\w-]+)"', script))
    assert ids
    assert [name for name in sorted(ids) if f'id="{name}"' not in page] == []


def test_every_field_that_the_page_shows_is_one_of_the_report() -> None:
    shown = re.findall(r'^  \["[^"]+", "(\w+)", ', source("page.js"), re.MULTILINE)
    assert len(shown) >= 8
    assert set(shown) <= set(COLUMNS)


def test_every_input_has_a_label() -> None:
    page = source("index.html")
    for name in re.findall(r'<(?:input|select) id="([\w-]+)"', page):
        assert f'for="{name}"' in page
