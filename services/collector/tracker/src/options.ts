/** What the page's owner says in the attributes of the script element, read once, while the script runs. */

export interface Options {
  key: string;
  /** Where events go; `link-token` lies beside it. */
  endpoint: string;
  /** Nothing is stored on the device before consent. */
  consentRequired: boolean;
  /** Only the hash of an e-mail address leaves the browser. */
  hashEmail: boolean;
  /** `manual` or `hash`; otherwise each path and query is a page. */
  pages?: string;
  forms: boolean;
  /** Other hosts of the same owner, to which a visit is carried over. */
  domains: string[];
}

function readOptions(): Options | null {
  const script = (document.currentScript || document.querySelector("script[data-key]")) as HTMLScriptElement | null;
  const { key, endpoint, consent, email, pages, forms, domains } = (script ? script.dataset : {}) as DOMStringMap;
  if (!script || !key) {
    console.warn("wanamaker tracks nothing: its script element has no data-key.");
    return null;
  }
  return {
    key,
    endpoint: new URL(endpoint || "/v1/batch", script.src || location.href).href,
    consentRequired: consent == "required",
    hashEmail: email == "hash",
    pages,
    forms: forms != "off",
    domains: (domains || "").toLowerCase().split(/[\s,]+/).filter(Boolean),
  };
}

/** Null, with a word on the console, if the element or its key is missing; then main starts nothing, and nothing asks. */
export const options = readOptions() as Options;
