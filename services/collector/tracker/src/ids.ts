/** 128 random bits. crypto.randomUUID does not exist on pages without TLS. */
export function randomId(): string {
  return hex(crypto.getRandomValues(new Uint32Array(4)));
}

/** Eight digits a word. */
export function hex(words: Uint32Array): string {
  return Array.from(words, (word) => (word + 2 ** 32).toString(16).slice(1)).join("");
}
