/**
 * Brings the queue to the collector. An event leaves it only by an answer: taken (2xx), or refused for good (4xx). Everything
 * else is tried again, under the same messageIds, of which the server counts each once.
 */

import { mode, type Preferences } from "./consent";
import { options } from "./options";
import { adopt, drop, get, isCookieless, pending, type Name } from "./queue";
import { randomId } from "./ids";
import { read, remove, write } from "./storage";

/** Browsers let 64 KiB of requests outlive their page. Half of it leaves room for what comes with the page's end. */
const BATCH_BYTES = 30_000;
const LEAVING_BYTES = 60_000;
/** All times in milliseconds. */
const PATIENCE = 30_000;
const MOMENT = 50;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 300_000;
const LONGEST_WISH = 3_600_000;
/** When the server wants to be asked again, for all tabs. */
const NOT_BEFORE = "wait";

const flying = new Map<Name, number>();
let taken: () => void;
let working = false;
let again = false;
let failures = 0;
/** When the next try is due after one that failed. */
let retryAt = 0;
let notBefore = 0;
let timer = 0;

/** `onTaken` is called with each answer that took events of a visitor who is recognised. */
export function startSending(onTaken: () => void): void {
  taken = onTaken;
  addEventListener("online", () => {
    retryAt = 0;
    send();
  });
  adopt();
  send();
}

/** Send what waits: after a moment in which more may come, after the pause of a failure, after the time the server asked for. */
export function send(): void {
  clearTimeout(timer);
  timer = setTimeout(work, Math.max(MOMENT, retryAt - Date.now(), wish() - Date.now())) as unknown as number;
}

/** The page may be gone in a moment: send what the budget of such requests allows, without waiting for anything. */
export function sendLeaving(): void {
  let room = LEAVING_BYTES;
  flying.forEach((bytes) => (room -= bytes));
  while (wish() <= Date.now()) {
    const [batch, bytes] = next(Math.min(room, BATCH_BYTES));
    if (!batch.length || bytes > room) return;
    room -= bytes;
    post(batch, bytes, true);
  }
}

/** The one message of a visitor who refuses, without anything of them: the server answers it by removing its cookie. */
export function sendRefusal(stated: Preferences): void {
  const context = { consent: { categoryPreferences: stated } };
  const event = JSON.stringify({ type: "track", event: "Consent Refused", messageId: randomId(), context });
  transmit([event], true, false).catch(() => {});
}

async function work(): Promise<void> {
  again = working;
  if (working) return;
  working = true;
  // One tab at a time, so that a new visitor's first answer sets the cookie before the second request.
  await (navigator.locks ? navigator.locks.request("wm_send", drain).catch(drain) : drain());
  working = false;
  if (again) send();
}

async function drain(): Promise<void> {
  while (wish() <= Date.now()) {
    const [batch, bytes] = next(BATCH_BYTES);
    if (!batch.length || !(await post(batch, bytes))) return;
  }
  send();
}

/**
 * The oldest events of one mode that are not under way, and their bytes. One too large for the budget goes alone. What was
 * stored with consent waits until there is consent again.
 */
function next(budget: number): [Name[], number] {
  const batch: Name[] = [];
  let bytes = 0;
  const now = mode();
  for (const name of now == "silent" ? [] : pending()) {
    const text = get(name);
    const cookieless = isCookieless(name);
    if (!text || flying.has(name) || (now != "full" && !cookieless)) continue;
    const more = new TextEncoder().encode(text).length + 100;
    if (batch[0] && (isCookieless(batch[0]) != cookieless || bytes + more > budget)) break;
    batch.push(name);
    bytes += more;
  }
  return [batch, bytes];
}

/** Whether there is an answer for good. */
async function post(batch: Name[], bytes: number, leaving?: boolean): Promise<boolean> {
  const cookieless = isCookieless(batch[0]!);
  batch.forEach((name) => flying.set(name, bytes / batch.length));
  let status = 0;
  try {
    const answer = await transmit(batch.map(get).filter(Boolean), bytes < LEAVING_BYTES, cookieless, leaving);
    status = answer.status;
    const wished = status == 429 || status == 503 ? milliseconds(answer.headers.get("Retry-After")) : 0;
    if (wished) {
      notBefore = Date.now() + wished;
      if (!cookieless) write(NOT_BEFORE, "" + notBefore);
    }
  } catch (_) {
    // No network, no answer in time, or the page is going: the same again later.
  }
  batch.forEach((name) => flying.delete(name));
  if (status < 200 || status > 499 || /3..|4(08|25|29)/.test("" + status)) {
    retryAt = Date.now() + Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
    send();
    return false;
  }
  batch.forEach(drop);
  failures = notBefore = 0;
  remove(NOT_BEFORE);
  if (status < 300 && !cookieless) taken();
  return true;
}

function wish(): number {
  return Math.min(Math.max(notBefore, +read(NOT_BEFORE)!), Date.now() + LONGEST_WISH);
}

/** Text asks no permission first (no preflight). Cookieless requests carry no cookie and can set none. */
async function transmit(
  events: (string | null)[],
  keepalive: boolean,
  cookieless: boolean,
  leaving?: boolean,
): Promise<Response> {
  const { key, endpoint } = options;
  const body = `{"writeKey":${JSON.stringify(key)},"sentAt":"${new Date().toISOString()}","batch":[${events}]}`;
  // Browsers without keepalive have only the beacon at a page's end. It brings no answer, so that its events stay in the queue.
  if (leaving && !cookieless && !("keepalive" in Request.prototype) && navigator.sendBeacon(endpoint, body)) throw 0;
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const credentials = cookieless ? "omit" : "include";
    return await fetch(endpoint, { method: "POST", body, keepalive, credentials, signal: stop.signal });
  } finally {
    clearTimeout(patience);
  }
}

/** Of the header Retry-After, which is a number of seconds or a date. */
function milliseconds(header: string | null): number {
  return Math.max(0, +header! * 1000 || Date.parse(header!) - Date.now() || 0);
}
