"""What somebody with `segment-analytics-python` writes; the arguments are our address and a key."""

import sys

import segment.analytics as analytics

analytics.host, analytics.write_key = sys.argv[1:3]  # the two lines that point it at Wanamaker
analytics.gzip = sys.argv[3:] == ["gzip"]

LANDING = "https://shop.test/pricing?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=G1"

analytics.page(
    anonymous_id="segment-py", name="Pricing", properties={"url": LANDING, "referrer": "https://www.google.com/search"}
)
analytics.track(
    "u-segment-py", "Form Submitted", {"form": "demo", "email": " Ann@Example.com "}, anonymous_id="segment-py"
)
analytics.track("u-segment-py", "Price Seen", {"plan": "pro"})
analytics.identify("u-segment-py", {"email": "ann@example.com"}, anonymous_id="segment-py")
analytics.alias("old-segment-py", "u-segment-py")
analytics.group("u-segment-py", "g1", {"name": "Example Ltd"})
analytics.screen("u-segment-py", name="Settings")
analytics.shutdown()
