"""`python -m tests.browser`: takes the picture of the demo website that docs/tracking.md shows."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from .serving import serving_site

PICTURE = Path(__file__).parents[2] / "docs" / "demo-page.png"


def main() -> None:
    with serving_site() as site, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu"])
        page = chromium.new_page(viewport={"width": 900, "height": 690})
        page.goto(f"http://127.0.0.1:{site.port}/contact.html")
        page.fill("[name=name]", "Ann Bell")
        page.fill("[name=mail]", "ann@example.com")
        page.select_option("[name=weight]", "100 kg")
        page.fill("[name=purpose]", "The chapel of our village, which has had none since 1917.")
        page.screenshot(path=PICTURE)
        chromium.close()


if __name__ == "__main__":
    main()
