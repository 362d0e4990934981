/**
 * What the visitor allows, and what follows from it for the device. The statement itself is kept (a refusal must not be asked
 * for again); without consent nothing else is.
 */

import { options } from "./options";
import { randomId } from "./ids";
import { names, read, remove, write } from "./storage";

export interface Preferences {
  analytics?: boolean;
  marketing?: boolean;
}

/** full: an id is stored; cookieless: nothing is stored or recognised; silent: nothing is sent. */
export type Mode = "full" | "cookieless" | "silent";

const STATED = "consent";
const ID = "id";

let inMemory: string | null = null;

export function preferences(): Preferences | null {
  try {
    return JSON.parse(read(STATED) || inMemory || "null");
  } catch (_) {
    return null;
  }
}

export function mode(): Mode {
  const analytics = (preferences() || {}).analytics;
  if (analytics === false) return "silent";
  return (options.consentRequired && !analytics) || !visitor() ? "cookieless" : "full";
}

/** Keep what is stated anew beside what was; the whole. */
export function state(news: Preferences): Preferences {
  const stated = { ...preferences(), ...news };
  inMemory = JSON.stringify(stated);
  write(STATED, inMemory);
  return stated;
}

/** This browser's own id, made when it is first asked for. Null where nothing can be stored. */
export function visitor(): string | null {
  const known = read(ID);
  if (known) return known;
  const made = randomId();
  return write(ID, made) ? made : null;
}

/** Take everything but the statement off the device; whether there was an id. */
export function forget(): boolean {
  const known = !!read(ID);
  for (const name of names("")) if (name != STATED) remove(name);
  return known;
}
