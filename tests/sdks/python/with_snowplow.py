"""What somebody with `snowplow-tracker` writes; the arguments are our address, a key, and `get` or `post`."""

import sys

from snowplow_tracker import (
    Emitter,
    PagePing,
    PageView,
    ScreenView,
    SelfDescribing,
    SelfDescribingJson,
    StructuredEvent,
    Subject,
    Tracker,
)

address, key, method = sys.argv[1:]
emitter = Emitter(address, protocol="http", method=method)  # the two lines that point it at Wanamaker
subject = Subject()
tracker = Tracker(namespace="shop", emitters=emitter, app_id=key, subject=subject, encode_base64=method == "get")

LANDING = "https://shop.test/pricing?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=G1"

subject.set_domain_user_id(f"snowplow-py-{method}").set_user_id("u-snowplow-py").set_lang("de").set_ip_address(
    "203.0.113.7"
)
subject.set_useragent("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0").set_screen_resolution(
    800, 600
)
tracker.track(
    PageView(
        page_url=LANDING,
        page_title="Pricing",
        referrer="https://www.google.com/search",
        context=[SelfDescribingJson("iglu:com.acme/plan/jsonschema/1-0-0", {"plan": "pro"})],
    )
)
tracker.track(StructuredEvent(category="shop", action="add-to-basket", label="web", property_="pcs", value=1.5))
form = {
    "formId": "demo",
    "elements": [{"name": "mail", "nodeName": "INPUT", "type": "email", "value": "Ann@Example.com"}],
}
submitted = SelfDescribingJson("iglu:com.snowplowanalytics.snowplow/submit_form/jsonschema/1-0-0", form)
tracker.track(SelfDescribing(submitted))
tracker.track(SelfDescribing(SelfDescribingJson("iglu:com.acme/price_seen/jsonschema/1-0-0", {"plan": "pro ü"})))
tracker.track(PagePing(page_url=LANDING, max_y=300))
tracker.track(ScreenView(id_="1", name="Settings"))
tracker.flush()
