/** What the page's owner says in the attributes of the script element, read once, while the script runs. */

const script = (document.currentScript || document.querySelector("script[data-key]")) as HTMLScriptElement | null;
const { key, endpoint, consent, email, pages, forms, domains } = (script ? script.dataset : {}) as DOMStringMap;

if (!key) console.warn("wanamaker tracks nothing: its script element has no data-key.");

/** Without one main starts nothing, and nothing asks for the rest. */
export const writeKey = key!;

/** Where events go; `link-token` lies beside it. */
export const address = new URL(endpoint || "/v1/batch", (script && script.src) || location.href).href;

/** Nothing is stored on the device before consent. */
export const consentRequired = consent == "required";

/** Only the hash of an e-mail address leaves the browser. */
export const hashEmail = email == "hash";

/** `manual` or `hash`; otherwise each path and query is a page. */
export const countPages = pages;

export const takeForms = forms != "off";

/** Other hosts of the same owner, to which a visit is carried over. */
export const ownDomains = (domains || "").toLowerCase().split(/[\s,]+/).filter(Boolean);
