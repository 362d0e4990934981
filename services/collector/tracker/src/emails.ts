/** E-mail addresses: which texts are one, what is sent of them, and where else they must not be seen. */

import { sha256 } from "./sha256";
import { attempt } from "./storage";

const ADDRESS = /^[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>.]+$/;
const HASH = /^[\da-f]{64}$/;
/** They stand for nobody, as the server knows of those it can read. */
const PLACEHOLDER = /^(test|example|no-?reply|none|null)@/;
/** One anywhere in JSON, also in the query of an address; or an escape, whose letters are none of the text's. */
const WITHIN = /(\\(?:u.{4}|.))|[^\s"\\@&=?#/<>,;:()]{1,64}(?:@|%40)[^\s"\\@&=?#/<>,;:()]+\.[^\s"\\@&=?#/<>,;:()]+/gi;

export function isEmail(text: string): boolean {
  return ADDRESS.test(text.trim());
}

/** The hex SHA-256 of an address's normal form, which is the one of the server; null of what links nobody. A hash is one. */
export function hashed(text: string): string | null {
  const normal = text.normalize("NFKC").toLowerCase().trim();
  if (HASH.test(normal)) return normal;
  if (!isEmail(normal) || PLACEHOLDER.test(normal)) return null;
  const [local, domain] = normal.split("@");
  return sha256(local + "@" + (attempt(() => new URL("http://" + domain).hostname) || domain));
}

/** A JSON text with `(e-mail)` in place of every address. */
export function withoutEmails(json: string): string {
  return json.replace(WITHIN, (_, escape) => escape || "(e-mail)");
}
