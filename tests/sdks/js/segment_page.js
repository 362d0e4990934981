// What somebody with @segment/analytics-next in a page writes.
import { AnalyticsBrowser } from "@segment/analytics-next";

const { address, key } = document.currentScript.dataset;
const analytics = AnalyticsBrowser.load({ writeKey: key, cdnURL: address }); // the two settings that point it at Wanamaker

analytics.page("Pricing");
document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const email = new FormData(event.target).get("email");
  await analytics.track("Form Submitted", { form: event.target.id, email });
  analytics.identify("u-segment-page", { email });
});
