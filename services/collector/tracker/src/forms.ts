/** Forms that visitors send: their fields, but for what is nobody else's business, and the e-mail address among them. */

import { isEmail } from "./emails";
import { emit, shown, type Fields } from "./events";
import { settle } from "./pages";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const IGNORE = "[data-wm-ignore]";
const LEFT_OUT = /^(password|hidden|file|submit|button|reset|image|fieldset|output|object)$/;
const SECRET = /pass|pwd|secret|token|[cx]srf|card|cv[cv]|csc|iban|account.?n|ssn|\b(pin|otp)\b/i;
const SECRET_AUTOCOMPLETE = /(^| )(cc-|.*password|one-time-code)/;
const EMAIL = /e-?mail/i;
const CHARACTERS = 1000;

/** `leave`: the page may be gone in a moment. */
export function watchForms(leave: () => void): void {
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
  const properties: Fields = {};
  let best = 0;
  let email = "";
  for (const field of Array.from(form.elements) as Field[]) {
    const value = field.name && !isLeftOut(field) ? valueOf(field) : "";
    if (!value) continue;
    const likely = likeness(field);
    // Where an address is asked for, what stands there goes as `email` or not at all.
    if (!isEmail(value)) likely > 1 || (properties[field.name] = value);
    else if (likely > best) [best, email] = [likely, value];
  }
  // By attribute: fields called "name" or "id" stand in for the form's own properties.
  const name = form.getAttribute("name") || form.getAttribute("id") || location.pathname;
  const address = email && shown(email);
  if (address) properties.email = address;
  emit("track", { event: "Form Submitted", properties: { ...properties, form: name } }, true);
}

function isLeftOut(field: Field): boolean {
  const { type, name, id } = field;
  return (
    LEFT_OUT.test(type) ||
    field.disabled ||
    SECRET.test(name + " " + id) ||
    SECRET_AUTOCOMPLETE.test(field.autocomplete || "") ||
    !!field.closest(IGNORE) ||
    isCardNumber(field.value)
  );
}

function valueOf(field: Field): string {
  const { type, checked, selectedOptions } = field as HTMLInputElement & HTMLSelectElement;
  if (/^(checkbox|radio)$/.test(type) && !checked) return "";
  const value = selectedOptions ? Array.from(selectedOptions, (option) => option.value).join(", ") : field.value;
  return value.trim().slice(0, CHARACTERS);
}

/** How sure it is that the field asks for an e-mail address: 4 by its type, 3 and 2 by what it is called, 1 by its value alone. */
function likeness(field: Field): number {
  if (field.type == "email") return 4;
  if (/(^| )email$/.test(field.autocomplete || "")) return 3;
  return EMAIL.test(field.name + " " + field.id) ? 2 : 1;
}

/** Twelve to nineteen digits whose check digit (Luhn) is right, however they are grouped. */
function isCardNumber(value: string): boolean {
  const digits = value.replace(/[\s-]/g, "");
  const sum = Array.from(digits, Number)
    .reverse()
    .reduce((sum, digit, at) => sum + (at % 2 && digit < 9 ? (digit * 2) % 9 : digit), 0);
  return /^\d{12,19}$/.test(digits) && sum % 10 == 0;
}
