/**
 * Carries a visit over to the owner's other domains: the collector signs a token that lives two minutes, links and forms that
 * lead there take it along, and the page there takes it off its address. The parameter is `_wm`.
 */

import { mode } from "./consent";
import { CLICK, FRESH_TOKEN } from "./limits";
import { address, ownDomains, writeKey } from "./options";
import { attempt } from "./storage";

let token: string | null = null;
let asked = 0;
let coming: Promise<void>;

/** The token that led here, if any; it is gone from the address bar afterwards. */
export function arrivingToken(): string | null {
  const { pathname, search, hash } = location;
  let found: string | null = null;
  const rest = search.replace(/([?&])_wm=([^&]+)(&|$)/, (_, before, value, after) => {
    found = value;
    return after && before;
  });
  if (found) history.replaceState(history.state, "", pathname + rest + hash);
  return found;
}

export function watchLinks(): void {
  // Shortly before it is needed: while the mouse comes, the finger is down, a field has the focus.
  for (const sign of ["pointerover", "pointerdown", "focusin"]) addEventListener(sign, prefetch, true);
  addEventListener("click", decorateLink, true);
  addEventListener("auxclick", decorateLink, true);
  addEventListener("submit", decorateForm, true);
  addEventListener("click", wait);
}

function prefetch(event: Event): void {
  if (!leadingAway(event, "a[href],form") || Date.now() - asked < FRESH_TOKEN) return;
  asked = Date.now();
  token = null;
  coming = fetch(new URL("link-token?writeKey=" + encodeURIComponent(writeKey), address).href, {
    credentials: "include",
  })
    .then((answer) => answer.json())
    .then((said) => (token = said.token))
    .catch(() => {})
    // No network, or no cookie yet: there may be when the mouse comes again.
    .then(() => void (token || (asked = 0)));
}

function decorateLink(event: Event): void {
  const link = leadingAway(event, "a[href]");
  if (!link) return;
  prefetch(event);
  // Whoever copies the link later copies the plain one.
  if (token) forNow(link, "href");
}

/** The click on a link whose token is still under way, if nobody else takes care of it, follows the link a little later. */
function wait(event: MouseEvent): void {
  const link = leadingAway(event, "a[href]") as HTMLAnchorElement | null;
  if (!link || token || event.defaultPrevented) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.hasAttribute("download")) return;
  if (!/^(_self)?$/.test(link.target)) return;
  event.preventDefault();
  const late = new Promise((patience) => setTimeout(patience, CLICK));
  Promise.race([coming, late]).then(() => (location.href = token ? decorated(link.href) : link.href));
}

function decorateForm(event: Event): void {
  const form = leadingAway(event, "form");
  if (!form || !token) return;
  if (/^post$/i.test(form.getAttribute("method") || "")) return forNow(form, "action");
  // The fields replace the query of the action.
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "_wm", value: token });
  form.append(field);
  setTimeout(() => field.remove());
}

/** The element of the event that leads to another of the domains; none where the visitor is not recognised anyway. */
function leadingAway(event: Event, selector: string): Element | null {
  // Of an event inside a web component the path knows more than the target.
  const inner = event.composedPath()[0];
  const element = inner instanceof Element && inner.closest(selector);
  if (!element || mode() != "full") return null;
  return attempt(() => {
    const target = element.getAttribute("href") || element.getAttribute("action") || "";
    const { hostname, protocol } = new URL(target, location.href);
    const isOther = /^http/.test(protocol) && hostname != location.hostname;
    return isOther && ownDomains.some((domain) => ("." + hostname).endsWith("." + domain)) ? element : null;
  });
}

function forNow(element: Element, attribute: string): void {
  const plain = element.getAttribute(attribute)!;
  element.setAttribute(attribute, decorated(plain));
  setTimeout(() => element.setAttribute(attribute, plain));
}

/** The address with the token, whose characters are all of those that addresses hold plainly. */
function decorated(target: string): string {
  return target.replace(/#.*|$/, (hash) => (/^[^#]*\?/.test(target) ? "&" : "?") + "_wm=" + token + hash);
}
