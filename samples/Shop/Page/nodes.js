// The comparison: the answers of two nodes with Unstale and of two nodes with a plain HybridCache, beside the database.
import { byId, duration, element, fillIn, newest, newValues, reason, request, showsInternals } from "./http.js";

const period = 1000;
const sides = { Unstale: "Unstale", HybridCache: "Plain HybridCache" };
const places = { a: "on node A", b: "on node B", database: "past all caches" };
const cards = new Map();
const counts = new Map();
const begin = newest();
let shownProduct;

export function start(onAnswer) {
  if (!showsInternals) return;
  for (const [cache, title] of Object.entries(sides)) addSide(cache, title);
  byId("write-b").addEventListener("click", () => write("b", onAnswer));
  byId("write-database").addEventListener("click", () => write("database", onAnswer));
  byId("reset").addEventListener("click", async () => {
    await request("DELETE", "/nodes/answers");
    await follow(onAnswer);
  });
  byId("product").addEventListener("change", () => follow(onAnswer));
  (async function repeat() {
    if (!document.hidden) await follow(onAnswer);
    setTimeout(repeat, period);
  })();
}

export async function write(node, onAnswer) {
  const isNewest = begin();
  const answer = await request("PUT", fillIn(`/nodes/${node}/products/{product}`), newValues(true));
  const isWritten = answer?.response.ok === true;
  byId("written").className = isWritten ? "good" : "bad";
  byId("written").textContent = isWritten ? `Version ${answer.body.version} was written ${places[node]}.` : refusal(answer);
  if (!isWritten) return;
  if (isNewest()) show(answer.body);
  suggest(answer.body);
  onAnswer(answer.body, true);
}

export async function follow(onAnswer) {
  if (!showsInternals) return;
  const isNewest = begin();
  const answer = await request("GET", fillIn("/nodes/products/{product}"));
  if (!isNewest()) return; // A write was sent meanwhile, and its answer is newer.
  if (answer?.response.ok) show(answer.body);
  else refuse(answer);
  onAnswer(answer?.response.ok ? answer.body : null, false);
}

function addSide(cache, title) {
  const count = element("span", "", { className: "count", id: `count-${cache}` });
  const place = element("div", "", { className: "cards" });
  const heading = element("h3", title, { id: `side-${cache}` });
  const side = element("div", "", { className: "side", role: "group" }, element("header", "", {}, heading, count), place);
  side.setAttribute("aria-labelledby", heading.id);
  for (const node of ["a", "b"]) {
    const card = element("div", "", { className: "card", id: `card-${cache}-${node}` });
    cards.set(`${cache} ${node}`, card);
    place.append(card);
  }
  counts.set(cache, count);
  byId("sides").append(side);
}

function show(answer) {
  for (const one of answer.caches) showCard(one);
  for (const cache of Object.keys(sides)) showCount(cache, answer.caches.filter(one => one.cache === cache));
  const truth = answer.changed_ms_ago === undefined ? "never written" : `written ${duration(answer.changed_ms_ago)} ago`;
  byId("truth").className = "truth";
  byId("truth").textContent = `Database: ${answer.name} · ${answer.price.toFixed(2)} · version ${answer.version} · ${truth}`;
  byId("verdict").textContent = verdict(answer.caches);
  if (shownProduct !== answer.id) suggest(answer);
  shownProduct = answer.id;
}

/* Suggests another price for the next write. */
function suggest({ price }) {
  byId("price").value = Math.max(0, price - 1).toFixed(2);
}

function showCard(one) {
  const card = cards.get(`${one.cache} ${one.node}`);
  const isStale = one.stale;
  card.className = `card ${isStale ? "stale" : "true"}`;
  card.replaceChildren(
    element("small", `Node ${one.node.toUpperCase()}`),
    element("div", one.price === undefined ? "no product" : one.price.toFixed(2), { className: "price" }),
    element("div", isStale ? `${duration(one.stale_for_ms)} out of date` : "up to date", { className: isStale ? "bad" : "good" }),
    element("small", `version ${one.version ?? "none"}`),
    element("small", source(one)),
    element("small", measured(one)));
}

const source = one => one.outcome === "load" ? "just loaded" : `in memory for ${duration(one.age_ms ?? 0)}`;

function measured(one) {
  if (one.stale) return `for ${duration(Math.max(0, one.possible_ms - one.stale_for_ms))} more, until it expires`;
  return one.true_after_ms === undefined ? "no write yet" : `old value gone within ${duration(one.true_after_ms)}`;
}

function showCount(cache, answers) {
  const stale = answers.reduce((sum, one) => sum + one.stale_answers, 0);
  const all = answers.reduce((sum, one) => sum + one.answers, 0);
  counts.get(cache).className = `count ${stale > 0 ? "bad" : "good"}`;
  counts.get(cache).textContent = `${stale} stale of ${all} answers`;
}

/* Returns the comparison in one line: the oldest answer of each side. */
function verdict(answers) {
  const oldest = cache => Math.max(0, ...answers.filter(one => one.cache === cache && one.stale).map(one => one.stale_for_ms));
  const text = cache => oldest(cache) > 0 ? `${duration(oldest(cache))} old` : "0 s old";
  return `HybridCache: ${text("HybridCache")} · Unstale: ${text("Unstale")}`;
}

const refusal = answer => answer ? reason(answer.response.status, answer.body) : "The shop cannot be reached.";

function refuse(answer) {
  byId("truth").className = "truth bad";
  byId("truth").textContent = refusal(answer);
  byId("verdict").textContent = "";
}
