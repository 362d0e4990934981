/**
 * Events that no answer has confirmed yet, each under a name of its own, so that tabs add and remove without seeing each other.
 * Stored ones outlive the page; those of visitors without consent are held in memory only. A page brings away its own and what
 * was there when it began. What another tab sends just then is sent twice, and counted once by its messageId.
 */

import { writeKey } from "./options";
import { randomId } from "./ids";
import { QUEUE_CHARACTERS, QUEUE_EVENTS, QUEUE_RESERVE } from "./limits";
import { names, read, remove, write } from "./storage";

const inMemory = new Map<string, string>();
/** Oldest first. */
let own: Name[] = [];
let counter = 1e6;

/** A name sorts by time, and ends in `c` if the visitor is not to be recognised. */
export type Name = string;

export function isCookieless(name: Name): boolean {
  return name.endsWith("c");
}

/** Take over what earlier pages could not bring away. */
export function adopt(): void {
  own = names(beginning());
}

/**
 * Keep an event, a JSON text. Without room the newest is refused: a visit's beginning says where it came from.
 * `important` ones may use the reserve.
 */
export function add(text: string, cookieless: boolean, important?: boolean): void {
  const waiting = [...names(beginning()), ...inMemory.keys()];
  const room = important ? 1 : 1 - QUEUE_RESERVE;
  const characters = waiting.reduce((sum, name) => sum + (get(name) || "").length, text.length);
  if (waiting.length >= QUEUE_EVENTS * room || characters > QUEUE_CHARACTERS * room) return;
  const name = beginning() + Date.now().toString(36) + counter++ + randomId() + (cookieless ? "_c" : "_");
  if (cookieless || !write(name, text)) inMemory.set(name, text);
  own.push(name);
}

/** This page's to bring away, oldest first. */
export function pending(): Name[] {
  return own;
}

export function get(name: Name): string | null {
  return inMemory.get(name) || read(name);
}

export function drop(name: Name): void {
  own = own.filter((other) => other != name);
  inMemory.delete(name);
  remove(name);
}

/** Those in memory; `forget` takes the stored ones with all else. */
export function clear(): void {
  own = [];
  inMemory.clear();
}

function beginning(): string {
  return "q_" + writeKey + "_";
}
