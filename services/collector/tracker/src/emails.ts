/** E-mail addresses: which texts are one, what is sent of them, and where else they must not be seen. */

import { sha256 } from "./sha256";

const ADDRESS = /^[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>.]+$/;
/** One anywhere in JSON, also in the query of an address. */
const WITHIN = /[^\s"\\@&=?#/<>,;:()]+(@|%40)[^\s"\\@&=?#/<>,;:()]+\.[^\s"\\@&=?#/<>,;:()]+/gi;

export function isEmail(text: string): boolean {
  return ADDRESS.test(text.trim());
}

/** The hex SHA-256 of an address's normal form, which is the one of the server; of anything else null. */
export function hashed(text: string): string | null {
  const normal = text.trim().normalize("NFKC").toLowerCase().trim();
  if (!isEmail(normal)) return null;
  const at = normal.lastIndexOf("@") + 1;
  let domain = normal.slice(at);
  try {
    domain = new URL("http://" + domain).hostname;
  } catch (_) {
    // The server will judge it.
  }
  return sha256(normal.slice(0, at) + domain);
}

/** A JSON text with `(e-mail)` in place of every address. */
export function withoutEmails(json: string): string {
  return json.replace(WITHIN, "(e-mail)");
}
