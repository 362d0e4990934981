/** Makes Segment's events of what happened on the page, and puts them into the queue. */

import { mode, preferences, visitor } from "./consent";
import { hashed, withoutEmails } from "./emails";
import { hashEmail } from "./options";
import { add } from "./queue";
import { randomId } from "./ids";
import { send } from "./send";

declare const VERSION: string;

export type Fields = Record<string, unknown>;

export const visit = {
  /** The page before this one: another site's at first, then the address before the last change of route. */
  referrer: document.referrer,
  /** Another domain's word for who the visitor is; goes along until an answer says that it was heard. */
  linkToken: null as string | null,
};

/** `important` ones find room when the queue is nearly full. */
export function emit(type: string, fields: Fields, important?: boolean): void {
  const now = mode();
  if (now == "silent") return;
  const { href, pathname, search } = location;
  const context: Fields = {
    page: { url: href, referrer: visit.referrer, title: document.title, path: pathname, search },
    library: { name: "wanamaker.js", version: VERSION },
    locale: navigator.language,
  };
  const event: Fields = { type, messageId: randomId(), timestamp: new Date().toISOString(), context, ...fields };
  const stated = preferences();
  if (stated) context.consent = { categoryPreferences: stated };
  if (now == "full") {
    event.anonymousId = visitor();
    context.linkToken = visit.linkToken || undefined;
  } else context.cookieless = true;
  const text = JSON.stringify(event);
  add(hashEmail ? withoutEmails(text) : text, now != "full", important);
  send();
}

/** What is sent of an e-mail address: itself, or its hash; nothing of what links nobody, which still was an answer. */
export function shown(address: string): string {
  return hashEmail ? hashed(address) || "" : address;
}
