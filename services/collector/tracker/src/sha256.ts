import { hex } from "./ids";

/**
 * SHA-256 (FIPS 180-4), as hex. crypto.subtle would answer later, when the page that sends a form may be gone already, and
 * is missing on pages without TLS.
 */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const words = new Uint32Array(((bytes.length + 8) >> 6) * 16 + 16);
  bytes.forEach((byte, at) => (words[at >> 2]! |= byte << (24 - 8 * (at & 3))));
  words[bytes.length >> 2]! |= 128 << (24 - 8 * (bytes.length & 3));
  words[words.length - 1] = bytes.length * 8;

  const state = Uint32Array.from(primes(8), (prime) => fraction(prime ** (1 / 2)));
  const constants = Uint32Array.from(primes(64), (prime) => fraction(prime ** (1 / 3)));
  const schedule = new Uint32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d, e, f, g, h] = state as unknown as number[] as [
      number, number, number, number, number, number, number, number,
    ];
    for (let round = 0; round < 64; round++) {
      if (round < 16) schedule[round] = words[block + round]!;
      else {
        const early = schedule[round - 15]!;
        const late = schedule[round - 2]!;
        schedule[round] =
          schedule[round - 16]! +
          (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) +
          schedule[round - 7]! +
          (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10));
      }
      const one =
        h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[round]! + schedule[round]!;
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => (state[at]! += word));
  }
  return hex(state);
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits behind the point. */
function fraction(root: number): number {
  return (root % 1) * 2 ** 32;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++)
    if (found.every((prime) => candidate % prime)) found.push(candidate);
  return found;
}
