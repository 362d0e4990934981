/** Forms that visitors send: their fields, but for what is nobody else's business, and the e-mail address among them. */

import { isEmail } from "./emails";
import { emit, shown, type Fields } from "./events";
import { FIELD_CHARACTERS } from "./limits";
import { settle } from "./pages";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const IGNORE = "[data-wm-ignore]";
const LEFT_OUT = /^(password|hidden|file|submit|button|reset|image|fieldset|output)$/;
const SECRET = /pass|pwd|secret|token|[cx]srf|card|cv[cvn]|csc|secur|expir|iban|account.?n|ssn|\b(pin|otp)\b|(\b|_)cc/i;
const SECRET_AUTOCOMPLETE = /\bcc-|password|one-time-code/i;
const EMAIL = /e-?mail/i;

/** `leave`: the page may be gone in a moment. */
export function watchForms(leave: () => void): void {
  // What is a password once is none of ours, also when a button shows it as plain text; before that something gets the focus.
  addEventListener("focusin", () =>
    document.querySelectorAll<HTMLElement>("[type=password]").forEach((field) => (field.dataset.wmIgnore = "")),
  );
  // In the capture phase: the page's own code may stop the event.
  addEventListener(
    "submit",
    (event) => {
      sent(event.target as HTMLFormElement);
      leave();
    },
    true,
  );
}

function sent(form: HTMLFormElement): void {
  if (form.closest(IGNORE)) return;
  settle();
  const properties: Fields = Object.create(null);
  let best = 0;
  let email = "";
  for (const field of [...form.elements] as Field[]) {
    const { name } = field;
    const value = name && !isLeftOut(field) ? valueOf(field) : "";
    if (!value || isCardNumber(value)) continue;
    const likely = likeness(field);
    // Where an address is asked for, what stands there goes as `email` or not at all.
    if (isEmail(value)) {
      if (likely > best) [best, email] = [likely, value];
    } else if (likely < 2) {
      // Several of one name, like the checkboxes of a group, are one list.
      properties[name] = [properties[name], value].filter(Boolean).join(", ").slice(0, FIELD_CHARACTERS);
    }
  }
  // By attribute: fields called "name" or "id" stand in for the form's own properties.
  const name = form.getAttribute("name") || form.getAttribute("id") || location.pathname;
  if (email) properties.email = shown(email);
  emit("track", { event: "Form Submitted", properties: { ...properties, form: name } }, true);
}

function isLeftOut(field: Field): boolean {
  const { type, name, id } = field;
  return (
    LEFT_OUT.test(type) ||
    field.matches(":disabled") ||
    SECRET.test(name + " " + id) ||
    SECRET_AUTOCOMPLETE.test(field.autocomplete || "") ||
    !!field.closest(IGNORE)
  );
}

function valueOf(field: Field): string {
  const { type, checked, selectedOptions } = field as HTMLInputElement & HTMLSelectElement;
  if (/^(checkbox|radio)$/.test(type) && !checked) return "";
  const value = selectedOptions ? Array.from(selectedOptions, (option) => option.value).join(", ") : field.value;
  // Elements of the page's own making may have any value.
  return ("" + (value || "")).trim();
}

/** How sure it is that the field asks for an e-mail address: 4 by its type, 3 and 2 by what it is called, 1 by its value alone. */
function likeness(field: Field): number {
  if (field.type == "email") return 4;
  if (/(^| )email$/i.test(field.autocomplete || "")) return 3;
  return EMAIL.test(field.name + " " + field.id) ? 2 : 1;
}

/** Twelve to nineteen digits whose check digit (Luhn) is right, however they are grouped. */
function isCardNumber(value: string): boolean {
  const digits = value.replace(/[\s.-]/g, "");
  const sum = [...digits].reduce(
    (sum, digit, at) => sum + ((digits.length - at) % 2 || digit == "9" ? +digit : (+digit * 2) % 9),
    0,
  );
  return /^\d{12,19}$/.test(digits) && sum % 10 == 0;
}
