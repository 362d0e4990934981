/** Puts the tracker together and starts it. */

import { api, type Call } from "./api";
import { visit } from "./events";
import { watchForms } from "./forms";
import { arrivingToken, watchLinks } from "./links";
import { countPages, ownDomains, takeForms, writeKey } from "./options";
import { settle, watchPages } from "./pages";
import { sendLeaving, startSending } from "./send";

declare global {
  interface Window {
    wanamaker?: Call[] | typeof api;
  }
}

function start(waiting: Call[]): void {
  visit.linkToken = arrivingToken();
  window.wanamaker = api;
  startSending(() => (visit.linkToken = null));

  // Consent first, since the page view needs it; then the page, which came before whatever was done on it.
  const isConsent = (call: Call | null): boolean => !!call && call[0] == "consent";
  api.push(...waiting.filter(isConsent));
  if (countPages != "manual") watchPages();
  api.push(...waiting.filter((call) => !isConsent(call)));
  if (takeForms) watchForms(leave);
  if (ownDomains.length) watchLinks();
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.visibilityState == "hidden" && leave());
}

function leave(): void {
  settle();
  sendLeaving();
}

// A page that holds the script twice is counted once.
const given = window.wanamaker;
if (writeKey && (!given || Array.isArray(given))) start(given || []);
