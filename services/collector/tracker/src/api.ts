/** `window.wanamaker`: what the page itself may say. Before this script is there it is a list of such calls. */

import { forget, mode, state, type Preferences } from "./consent";
import { isEmail } from "./emails";
import { emit, shown, type Fields } from "./events";
import { hashEmail } from "./options";
import { settle, view } from "./pages";
import { clear } from "./queue";
import { sendRefusal } from "./send";

export type Call = [string, ...unknown[]];

export const api = {
  track(name: string, properties?: Fields): void {
    settle();
    emit("track", { event: name, properties: stated(properties) });
  },

  /** Who the visitor is. Only the hash of an address leaves the browser, if so set; an address as userId becomes `email` then. */
  identify(userId: string | number | null, traits?: Fields): void {
    settle();
    let user = userId == null ? "" : String(userId);
    if (hashEmail && isEmail(user)) {
      traits = { ...traits };
      traits.email = traits.email || user;
      user = "";
    }
    emit("identify", { userId: user || undefined, traits: stated(traits) }, true);
  },

  /** A page view, where they are not counted by themselves. */
  page: view,

  /** What the visitor allows, by purpose; purposes that are not named stay as they were. */
  consent(news: Preferences): void {
    state(news);
    if (mode() == "silent") {
      clear();
      if (forget()) sendRefusal();
    }
  },

  push(...calls: Call[]): void {
    for (const each of calls) {
      try {
        const [name, ...given] = each;
        const call = (api as unknown as Record<string, (...given: unknown[]) => void>)[name];
        if (call) call(...given);
        else console.warn(`wanamaker has no command "${name}"; it has ${Object.keys(api)}.`);
      } catch (error) {
        // Such as properties that cannot be JSON. The others are none the worse for it.
        console.warn(error);
      }
    }
  },
};

/** What the page states, with the hash of an e-mail address in its place, if so set. */
function stated(given?: Fields): Fields {
  const all = { ...given };
  if (hashEmail && all.email) all.email = shown(String(all.email));
  return all;
}
