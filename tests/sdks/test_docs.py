"""docs/sdks.md names each package that is tested, and points it at Wanamaker as the tested programs do."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "sdks.md").read_text()

POINTING = {
    "python/with_segment.py": ("analytics.host", "analytics.write_key"),
    "python/with_rudderstack.py": ("analytics.dataPlaneUrl", "analytics.write_key"),
    "python/with_snowplow.py": ("Emitter(", "app_id="),
    "js/segment_node.mjs": ("new Analytics({ host", "writeKey"),
    "js/segment_page.js": ("AnalyticsBrowser.load({ writeKey: ", "cdnURL: "),
    "js/segment_batching.js": ("cdnSettings: { integrations: ", "apiHost: "),
    "js/snowplow_page.js": (
        'newTracker("shop", ',
        "appId: ",
        "plugins: [FormTrackingPlugin()]",
        "enableFormTracking();",
    ),
}


def test_every_package_is_named() -> None:
    packages = set(json.loads((HERE / "js" / "package.json").read_text())["dependencies"]) - {"esbuild"}
    packages |= {"segment-analytics-python", "rudder-sdk-python", "snowplow-tracker"}
    assert sorted(name for name in packages if f"`{name}`" not in PAGE) == []


def test_the_tested_programs_are_pointed_as_the_page_says() -> None:
    for program, words in POINTING.items():
        source = (HERE / program).read_text()
        for word in words:
            assert word in source, (program, word)
            assert word in PAGE, (program, word)
    assert {str(path.relative_to(HERE)) for path in [*HERE.glob("python/*.py"), *HERE.glob("js/*.*js")]} == set(
        POINTING
    )
