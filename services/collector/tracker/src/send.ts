/**
 * Brings the queue to the collector. An event leaves it only by an answer: taken (2xx), or refused for good (4xx). Everything
 * else is tried again, under the same messageIds, of which the server counts each once.
 */

import { mode, preferences } from "./consent";
import { address, writeKey } from "./options";
import { adopt, drop, get, isCookieless, pending, type Name } from "./queue";
import { randomId } from "./ids";
import {
  ANSWER,
  BATCH_BYTES,
  FIRST_PAUSE,
  LEAVING_BYTES,
  LONGEST_PAUSE,
  LONGEST_WISH,
  MOMENT,
} from "./limits";
import { NOT_BEFORE, read, remove, write } from "./storage";

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
export function sendRefusal(): void {
  const context = { consent: { categoryPreferences: preferences() } };
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
    const more = new Blob([text]).size + 100;
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
    // A number of seconds or a date.
    const header = answer.headers.get("Retry-After");
    const wished = +header! * 1000 || Date.parse(header!) - Date.now();
    if (wished && /429|503/.test("" + status)) {
      notBefore = Date.now() + Math.min(wished, LONGEST_WISH);
      if (mode() == "full") write(NOT_BEFORE, "" + notBefore);
    }
  } catch (_) {
    // No network, no answer in time, or the page is going: the same again later.
  }
  batch.forEach((name) => flying.delete(name));
  if (!/2..|4(?!08|25|29)../.test("" + status)) {
    retryAt = Date.now() + Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
    send();
    return false;
  }
  batch.forEach(drop);
  failures = notBefore = 0;
  remove(NOT_BEFORE);
  // An answer that a refusal overtook brought the cookie back.
  if (status < 300 && !cookieless) mode() == "silent" ? sendRefusal() : taken();
  return true;
}

/** None where no clock of today made it. */
function wish(): number {
  const stated = Math.max(notBefore, +read(NOT_BEFORE)!);
  return stated <= Date.now() + LONGEST_WISH ? stated : 0;
}

/** Text asks no permission first (no preflight). Cookieless requests carry no cookie and can set none. */
async function transmit(
  events: (string | null)[],
  keepalive: boolean,
  cookieless: boolean,
  leaving?: boolean,
): Promise<Response> {
  const body = `{"writeKey":${JSON.stringify(writeKey)},"sentAt":"${new Date().toISOString()}","batch":[${events}]}`;
  // Browsers without keepalive have only the beacon at a page's end. It brings no answer, so that its events stay in the queue;
  // for a moment they count as under way, since a page ends with several signs.
  if (leaving && !cookieless && !("keepalive" in Request.prototype) && navigator.sendBeacon(address, body)) {
    await new Promise((late) => setTimeout(late, FIRST_PAUSE));
    throw 0;
  }
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), ANSWER);
  try {
    const credentials = cookieless ? "omit" : "include";
    return await fetch(address, { method: "POST", body, keepalive, credentials, signal: stop.signal });
  } finally {
    clearTimeout(patience);
  }
}
