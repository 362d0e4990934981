/** `window.wanamaker`: what the page itself may say. Before this script is there it is a list of such calls. */

import { forget, mode, state, type Preferences } from "./consent";
import { isEmail } from "./emails";
import { emit, shown, type Fields } from "./events";
import { options } from "./options";
import { settle, view } from "./pages";
import { clear } from "./queue";
import { sendRefusal } from "./send";

export type Call = [string, ...unknown[]];

export const api = {
  track(name: string, properties?: Fields): void {
    settle();
    emit("track", { event: name, properties: properties || {} });
  },

  /** Who the visitor is. Only the hash of an address leaves the browser, if so set; an address as userId becomes `email` then. */
  identify(userId: string | number | null, traits?: Fields): void {
    settle();
    const stated: Fields = { ...traits };
    let user = userId == null ? "" : String(userId);
    if (options.hashEmail) {
      if (isEmail(user)) {
        stated.email = stated.email || user;
        user = "";
      }
      if (stated.email) stated.email = shown(String(stated.email));
    }
    emit("identify", { userId: user || undefined, traits: stated }, true);
  },

  /** A page view, where they are not counted by themselves. */
  page: view,

  /** What the visitor allows, by purpose; purposes that are not named stay as they were. */
  consent(news: Preferences): void {
    const stated = state(news);
    if (mode() == "silent") {
      clear();
      if (forget()) sendRefusal(stated);
    }
  },

  push(...calls: Call[]): void {
    for (const [name, ...given] of calls) {
      const call = (api as unknown as Record<string, (...given: unknown[]) => void>)[name];
      if (call) call(...given);
      else console.warn(`wanamaker has no command "${name}"; it has ${Object.keys(api)}.`);
    }
  },
};
