// What somebody with @segment/analytics-node writes; the arguments are our address and a key.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey }); // the two settings that point it at Wanamaker
analytics.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});

const anonymousId = "segment-node";
analytics.page({
  anonymousId,
  name: "Pricing",
  properties: {
    url: "https://shop.test/pricing?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=G1",
    referrer: "https://www.google.com/search",
  },
});
analytics.track({ anonymousId, event: "Form Submitted", properties: { form: "demo", email: " Ann@Example.com " } });
analytics.identify({ anonymousId, userId: "u-segment-node", traits: { email: "ann@example.com" } });
analytics.alias({ userId: "u-segment-node", previousId: "old-segment-node" });
analytics.group({ userId: "u-segment-node", groupId: "g1" });
await analytics.closeAndFlush();
