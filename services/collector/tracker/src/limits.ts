/** How much is kept and sent at most, and for how long anything waits. In a file that imports nothing they cost no byte. */

/** Events, and characters of them, that wait. */
export const QUEUE_EVENTS = 500;
export const QUEUE_CHARACTERS = 250_000;
/** What is kept free of the above for what must not be lost: forms and identifications. */
export const QUEUE_RESERVE = 0.1;

/** Browsers let 64 KiB of requests outlive their page. Half of it leaves room for what comes with the page's end. */
export const BATCH_BYTES = 30_000;
export const LEAVING_BYTES = 60_000;

/** Of a field of a form. */
export const FIELD_CHARACTERS = 1000;

/** All times in milliseconds: how long an answer may take, */
export const ANSWER = 30_000;
/** in which more may come before it is sent, */
export const MOMENT = 50;
/** between tries, the second twice as long as the first and so on, */
export const FIRST_PAUSE = 1_000;
export const LONGEST_PAUSE = 300_000;
/** for which a server may want to be left alone, */
export const LONGEST_WISH = 3_600_000;
/** after which a link token is too old for a link that may be followed a minute from now, */
export const FRESH_TOKEN = 60_000;
/** and for which a click waits for one that is under way. */
export const CLICK = 500;
