// What somebody with @snowplow/browser-tracker and its form plugin in a page writes.
import { newTracker, setUserId, trackPageView, trackSelfDescribingEvent, trackStructEvent } from "@snowplow/browser-tracker";
import { enableFormTracking, FormTrackingPlugin } from "@snowplow/browser-plugin-form-tracking";

const { address, key, method } = document.currentScript.dataset;
newTracker("shop", address, {
  appId: key, // with the address, the two lines that point it at Wanamaker
  eventMethod: method,
  cookieSecure: false, // the shop of the tests has no TLS
  plugins: [FormTrackingPlugin()],
});
enableFormTracking();
trackPageView();
trackStructEvent({ category: "shop", action: "add-to-basket", label: "web", property: "pcs", value: 1.5 });
setUserId("u-snowplow-page");
trackSelfDescribingEvent({ event: { schema: "iglu:com.acme/price_seen/jsonschema/1-0-0", data: { plan: "pro ü" } } });
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
