/**
 * What the visitor allows, and what follows from it for the device. The statement itself is kept (a refusal must not be asked
 * for again); without consent nothing else is.
 */

import { consentRequired } from "./options";
import { randomId } from "./ids";
import { attempt, ID, names, read, remove, STATED, write } from "./storage";

export interface Preferences {
  analytics?: boolean;
  marketing?: boolean;
}

/** full: an id is stored; cookieless: nothing is stored or recognised; silent: nothing is sent. */
export type Mode = "full" | "cookieless" | "silent";

let inMemory: string | null = null;

export function preferences(): Preferences | null {
  return attempt(() => JSON.parse((read(STATED) || inMemory)!));
}

export function mode(): Mode {
  const analytics = (preferences() || {}).analytics;
  if (analytics === false) return "silent";
  return (consentRequired && !analytics) || !visitor() ? "cookieless" : "full";
}

/** Keep what is stated anew beside what was. */
export function state(news: Preferences): void {
  inMemory = JSON.stringify({ ...preferences(), ...news });
  write(STATED, inMemory);
}

/** This browser's own id, made when it is first asked for. Null where nothing can be stored. */
export function visitor(): string | null {
  if (!read(ID)) write(ID, randomId());
  return read(ID);
}

/** Take everything but the statement off the device; whether there was an id. */
export function forget(): boolean {
  const known = !!read(ID);
  for (const name of names("")) if (name != STATED) remove(name);
  return known;
}
