"""What somebody with `rudder-sdk-python` writes; the arguments are our address and a key."""

import sys

import rudderstack.analytics as analytics

analytics.dataPlaneUrl, analytics.write_key = sys.argv[1:3]  # the two lines that point it at Wanamaker
analytics.gzip = sys.argv[3:] != ["plain"]

LANDING = "https://shop.test/pricing?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=G1"

analytics.page(
    anonymous_id="rudder-py", name="Pricing", properties={"url": LANDING, "referrer": "https://www.google.com/search"}
)
analytics.track(
    "u-rudder-py", "Form Submitted", {"form": "demo", "email": " Ann@Example.com "}, anonymous_id="rudder-py"
)
analytics.track("u-rudder-py", "Price Seen", {"plan": "pro"})
analytics.identify("u-rudder-py", {"email": "ann@example.com"}, anonymous_id="rudder-py")
analytics.alias("old-rudder-py", "u-rudder-py")
analytics.group("u-rudder-py", "g1", {"name": "Example Ltd"})
analytics.screen("u-rudder-py", name="Settings")
analytics.shutdown()
