// The same with the library's batches, and the address of the events said in the page: nothing is asked of a CDN.
import { AnalyticsBrowser } from "@segment/analytics-next";

const { address, key } = document.currentScript.dataset;
const { host, protocol } = new URL(address);
const analytics = AnalyticsBrowser.load(
  { writeKey: key, cdnSettings: { integrations: { "Segment.io": { apiKey: key } } } },
  {
    integrations: {
      "Segment.io": {
        apiHost: `${host}/v1`,
        protocol: protocol.slice(0, -1),
        deliveryStrategy: { strategy: "batching", config: { size: 3, timeout: 1000 } },
      },
    },
  },
);

analytics.page("Pricing");
document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const email = new FormData(event.target).get("email");
  await analytics.track("Form Submitted", { form: event.target.id, email });
  analytics.identify("u-segment-page", { email });
});
