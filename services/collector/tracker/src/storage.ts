/** localStorage, of which nothing is sure: it may be forbidden, full, or emptied by another tab at any moment. */

const PREFIX = "wm_";

/** The names of what is stored beside events: what the visitor allows, */
export const STATED = "consent";
/** who they are, */
export const ID = "id";
/** and when the server wants to be asked again, for all tabs. */
export const NOT_BEFORE = "wait";

/** Null where it cannot be used. */
export function read(name: string): string | null {
  return attempt(() => localStorage.getItem(PREFIX + name));
}

/** Whether it is kept. */
export function write(name: string, value: string): boolean {
  return attempt(() => localStorage.setItem(PREFIX + name, value)) === undefined;
}

export function remove(name: string): void {
  attempt(() => localStorage.removeItem(PREFIX + name));
}

/** The names that begin so, sorted. */
export function names(beginning: string): string[] {
  const all = attempt(() => Object.keys(localStorage)) || [];
  return all.filter((name) => name.startsWith(PREFIX + beginning)).map((name) => name.slice(PREFIX.length)).sort();
}

/** Null if it cannot be done. */
export function attempt<T>(access: () => T): T | null {
  try {
    return access();
  } catch (_) {
    return null;
  }
}
