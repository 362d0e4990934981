/** localStorage, of which nothing is sure: it may be forbidden, full, or emptied by another tab at any moment. */

const PREFIX = "wm_";

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
function attempt<T>(access: () => T): T | null {
  try {
    return access();
  } catch (_) {
    return null;
  }
}
