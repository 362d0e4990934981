/** Page views: of the page that loads, and of each route that a single-page application shows after it. */

import { emit, visit, type Fields } from "./events";
import { countPages } from "./options";

/** The address of the last page view. */
let seen = "";
let started = false;
let changed = 0;

export function view(properties?: Fields): void {
  if (isNew()) visit.referrer = seen;
  seen = location.href;
  emit("page", properties ? { properties } : {});
}

/** Count this page, once it is really looked at, and its routes from now on. */
export function watchPages(): void {
  started = true;
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", () => view());
  else view();
  wrap("pushState", look);
  wrap("replaceState", () => {
    // Nobody looks at a prerendered page yet.
    if (!seen) return;
    // Filters and the like are written into the address so; another path is another route.
    if (changed || location.pathname != new URL(seen).pathname) look();
    else seen = location.href;
  });
  addEventListener("popstate", look);
  addEventListener("hashchange", look);
  // A page that comes back from the back/forward cache runs no script anew.
  addEventListener("pageshow", (event) => event.persisted && view());
}

/** Count the route that the last moment led to, if there is a new one. To be called before anything is said of it. */
export function settle(): void {
  clearTimeout(changed);
  changed = 0;
  if (started && isNew()) view();
}

/** In a moment: routers redirect, and set the title afterwards. */
function look(): void {
  clearTimeout(changed);
  changed = setTimeout(settle) as unknown as number;
}

function isNew(): boolean {
  return !!seen && route(location.href) != route(seen);
}

/** The part behind # is one of its own where the owner says so. */
function route(address: string): string {
  return countPages == "hash" ? address : address.split("#")[0]!;
}

function wrap(name: "pushState" | "replaceState", afterwards: () => void): void {
  const original = history[name];
  history[name] = (...given: Parameters<History["pushState"]>) => {
    original.apply(history, given);
    afterwards();
  };
}
