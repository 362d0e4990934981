// The page at `/`: asks for the analyst key once, keeps it in this tab, and shows GET /v1/roi by channel.
"use strict";

const KEY = "wanamaker-analyst-key";
const $ = (id) => document.getElementById(id);
let models = [];
let turn = 0; // answers that come late, after a newer question, are dropped

// One column each: heading, field, how it is written, and what it means.
const COLUMNS = [
  ["Revenue", "revenue_minor", money, "Revenue credited to this channel"],
  ["Spend", "spend_minor", money, "All ad costs"],
  ["ROI", "roi", percent, "(revenue − spend) / spend"],
  ["Sessions", "sessions", count, "Visits that began with this channel"],
  ["Leads", "leads", count, "People who left an e-mail or became one in the CRM"],
  ["Opportunities", "opportunities", count, "Deals opened"],
  ["Deals won", "deals", count, "Deals won"],
  ["Customers", "customers", count, "Accounts with a first won deal"],
  ["Cost per lead", "cost_per_lead_minor", money, "Spend on visitors and leads, for each lead"],
  ["Cost per customer", "cac_minor", money, "All spend, for each customer"],
  ["Average deal", "average_deal_minor", money, "Revenue for each deal won"],
  ["Days to close", "days_to_close", days, "From the first visit to the win"],
];
const NOTHING = "–";
const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

function count(value) { return value === null ? NOTHING : plain.format(value); }
function days(value) { return value === null ? NOTHING : plain.format(value); }
function percent(value) {
  return value === null ? NOTHING : new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 }).format(value);
}
function money(minor, currency) {
  if (minor === null) return NOTHING;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

class Refused extends Error {
  constructor(status, detail) { super(detail); this.status = status; }
}

async function ask(path, accept = "application/json") {
  let response;
  try {
    response = await fetch(path, { headers: { Authorization: `Bearer ${sessionStorage.getItem(KEY)}`, Accept: accept } });
  } catch {
    throw new Refused(0, "The service does not answer. Is it running? Change a choice above, or reload, to try again.");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Refused(response.status, problem.detail || problem.title || `The service answered ${response.status}.`);
}

function show(id, visible) { $(id).hidden = !visible; }

function complain(error) {
  const refused = error instanceof Refused && (error.status === 401 || error.status === 403);
  $("problem").textContent = refused ? "This key does not open the reports. Paste the analyst key once more." : error.message;
  show("problem", true);
  if (refused) { sessionStorage.removeItem(KEY); signIn(); }
}

function signIn() {
  show("report", false);
  show("forget", false);
  show("sign-in", true);
  $("key").focus();
}

function cell(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function fill(row, name, measures, currency, scope) {
  const heading = cell("th", name);
  heading.scope = scope;
  row.replaceChildren(heading, ...COLUMNS.map(([, field, write]) => {
    const value = measures[field];
    const tone = field === "roi" && value !== null ? (value < 0 ? "loss" : "gain") : "";
    return cell("td", write(value, currency), tone);
  }));
  return row;
}

function parameters() {
  const chosen = new URLSearchParams();
  for (const id of ["model", "basis", "from", "to"]) if ($(id).value) chosen.set(id, $(id).value);
  return chosen;
}

async function report() {
  const mine = ++turn;
  const chosen = parameters();
  $("region").setAttribute("aria-busy", "true");
  try {
    const answer = await (await ask(`/v1/roi?group_by=channel&${chosen}`)).json();
    if (mine !== turn) return;
    show("problem", false);
    draw(answer);
  } catch (error) {
    if (mine === turn) complain(error);
  } finally {
    if (mine === turn) $("region").setAttribute("aria-busy", "false");
  }
}

function draw(answer) {
  const { currency } = answer;
  const rows = [...answer.rows].sort((a, b) => b.revenue_minor - a.revenue_minor || b.spend_minor - a.spend_minor);
  $("rows").replaceChildren(...rows.map((row) => fill(document.createElement("tr"), row.channel, row, currency, "row")));
  if (!rows.length) {
    const empty = cell("td", "Nothing happened in these days yet. Visits, deals and costs appear here as they arrive.");
    empty.colSpan = COLUMNS.length + 1;
    $("rows").replaceChildren(document.createElement("tr"));
    $("rows").firstChild.append(empty);
  }
  fill($("totals"), "Total", answer.totals, currency, "row");
  $("sentence").textContent = models.find((model) => model.name === answer.model)?.sentence ?? "";
  const fresh = answer.fresh_to ? new Date(answer.fresh_to).toLocaleString("en", { dateStyle: "medium", timeStyle: "medium" }) : null;
  $("fresh").textContent = fresh ? `Holds everything received until ${fresh}.` : "Nothing has been received yet.";
  $("unconverted").textContent = answer.unconverted.length
    ? "Not in these numbers, for want of an exchange rate: " + answer.unconverted.map((part) =>
      [part.revenue_minor && `revenue ${money(part.revenue_minor, part.currency)}`, part.spend_minor && `spend ${money(part.spend_minor, part.currency)}`]
        .filter(Boolean).join(", ") || part.currency).join("; ") + "."
    : "";
  show("unconverted", answer.unconverted.length > 0);
}

async function save(event) {
  event.preventDefault();
  try {
    const file = await (await ask(`/v1/roi?group_by=channel&format=csv&${parameters()}`, "text/csv")).blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "roi.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    complain(error);
  }
}

async function open() {
  try {
    ({ models } = await (await ask("/v1/models")).json());
  } catch (error) {
    complain(error);
    return;
  }
  const chosen = $("model").value || "linear";
  $("model").replaceChildren(...models.map(({ name }) => new Option(name.replaceAll("_", " "), name, false, name === chosen)));
  show("sign-in", false);
  show("problem", false);
  show("report", true);
  show("forget", true);
  await report();
}

const heading = cell("th", "Channel");
heading.scope = "col";
$("head").replaceChildren(heading, ...COLUMNS.map(([name, , , meaning]) => {
  const made = cell("th", name);
  made.scope = "col";
  made.title = meaning;
  return made;
}));
$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("key").value.trim());
  $("key").value = "";
  open();
});
$("question").addEventListener("change", report);
$("question").addEventListener("submit", (event) => event.preventDefault());
$("csv").addEventListener("click", save);
$("forget").addEventListener("click", () => { sessionStorage.removeItem(KEY); $("problem").hidden = true; signIn(); });
if (sessionStorage.getItem(KEY)) open(); else signIn();
