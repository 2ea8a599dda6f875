// The rows of the seven strategies and of the orders: their requests, the last answer, and the times measured on both nodes.
import { byId, confirmed, duration, element, fillIn, newest, newValues, reason, request, showsInternals } from "./http.js";

const strategies = [
  ["TTL", "expires after 60 seconds", "product:ttl:{product}", [["GET", "/products/ttl/{product}"]]],
  ["Explicit", "a delete removes the key", "product:explicit:{product}",
    [["GET", "/products/explicit/{product}"], ["DELETE", "/products/explicit/{product}"]]],
  ["Write-through", "a write stores the new value in the cache", "product:writethrough:{product}",
    [["GET", "/products/writethrough/{product}"], ["PUT", "/products/writethrough/{product}", "product"]]],
  ["Events", "an event of the write lets the cart load ahead", "product:events:{product}",
    [["GET", "/products/events/{product}"], ["PUT", "/products/events/{product}", "product"], ["GET", "/cart/products/{product}", null, "GET in the cart"]]],
  ["Stale while revalidate", "featured products; in the last 30 of 120 seconds an old list is served while a new one loads", "products:featured",
    [["GET", "/products/featured"]]],
  ["Tags", "products of a category, which a PUT renames", "products:category:{category}",
    [["GET", "/products/by-category/{category}"], ["PUT", "/categories/{category}", "category"]]],
  ["Production", "key, event and tags together", "product:production:{product}",
    [["GET", "/products/production/{product}"], ["PUT", "/products/production/{product}", "product"]]],
];
/* With Entity Framework Core, no strategy invalidates by hand. */
const saved = {
  Explicit: "a delete is a save",
  "Write-through": "a write reads the new value into the cache",
  Production: "a save and an event",
  Orders: "lists that a save makes true",
};
const orders = ["Orders", "lists that an event and a command make true", "query_cache:ListOrders:all",
  [["GET", "/orders", null, "List"], ["GET", "/orders?customer={customer}", null, "List of the customer"],
    ["POST", "/orders", "order"], ["DELETE", "/orders/{order}"]], "no orders"];
const rows = [];
const beginLook = newest();
let order;

export function start(onSent) {
  strategies.forEach((strategy, index) => rows.push(addRow(strategy, index + 1, "strategies", onSent)));
  order = addRow(orders, 0, "orders", onSent);
  setInterval(countDown, 1000);
  lookAtKeys();
}

export async function readAll() {
  for (const row of rows) await send(row, ...row.read);
}

export const createOrder = () => send(order, "POST", "/orders", "order");

function bodyFor(kind) {
  if (kind === "order") return { product_id: Number(byId("product").value), quantity: Number(byId("quantity").value), customer: byId("customer").value };
  return kind ? newValues(kind === "product") : undefined;
}

function summary(body, none) {
  const product = one => one.total === undefined ? `${one.name} ${one.price.toFixed(2)}` : `#${one.id} ${one.customer}: ${one.quantity} × ${one.product_name}`;
  if (Array.isArray(body)) return body.map(product).join(", ") || none;
  return body.message ?? body.explanation ?? product(body);
}

/* Returns whether the answer came from a cache. An empty list has no field for it, so its header decides. */
function cachedOf(body, outcome) {
  const field = Array.isArray(body) ? body[0]?.cached : body.cached;
  return field ?? (outcome ? ["memory", "stale", "remote"].includes(outcome) : undefined);
}

function show(row, text, note, kind) {
  row.answer.className = "";
  row.answer.replaceChildren(element("span", text, { className: kind ?? "" }), element("small", note));
}

function ageOthers(row) {
  for (const other of rows) {
    if (other === row || !other.answer.hasChildNodes() || other.answer.className === "old") continue;
    other.answer.className = "old";
    other.answer.append(element("small", "read before the last write"));
  }
}

async function send(row, method, path, kind) {
  const url = fillIn(path);
  if (method === "DELETE" && !await confirmed(`DELETE ${url}: this cannot be undone.`)) return;
  byId("request").textContent = `${method} ${url}`;
  const isNewest = row.begin();
  const answer = await request(method, url, bodyFor(kind));
  if (answer?.response.ok && method !== "GET" && rows.includes(row)) ageOthers(row);
  if (!isNewest()) return;
  if (!answer) {
    show(row, "The shop cannot be reached.", `${method} ${url}`, "bad");
    byId("answer").textContent = "";
    return;
  }
  const { response, body, took } = answer;
  const outcome = response.headers.get("X-Cache");
  const cached = cachedOf(body, outcome);
  const note = cached === undefined ? took : `cached: ${cached}${outcome ? ` (${outcome})` : ""} · ${took}`;
  const text = response.ok ? summary(body, row.none) : reason(response.status, body);
  show(row, text, note, response.ok ? (cached ? "good" : "") : "bad");
  byId("request").textContent = `${method} ${url} · ${response.status}`;
  byId("answer").textContent = JSON.stringify(body, null, 2);
  if (response.ok && kind === "order") byId("order").value = body.id;
}

export async function lookAtKeys() {
  if (!showsInternals) return;
  const isNewest = beginLook();
  await Promise.all(rows.map(async row => {
    const stats = await request("GET", `/cache/stats/${fillIn(row.name)}`);
    if (!isNewest()) return;
    row.until = stats?.response.ok ? (stats.body.exists ? performance.now() + stats.body.ttl * 1000 : 0) : undefined;
  }));
  countDown();
}

function countDown() {
  if (!showsInternals) return;
  for (const row of rows) {
    const left = Math.ceil((row.until - performance.now()) / 1000);
    row.key.textContent = row.until === undefined ? "unknown" : left > 0 ? `in the cache for ${left} s` : "not in the cache";
  }
}

/* Shows the times of the last write, as measured on each node. */
export function showMeasured(answer) {
  for (const row of rows) {
    const measured = answer?.strategies.filter(one => one.cache === row.title) ?? [];
    row.measured.replaceChildren(...measured.map(one =>
      element("div", "", { className: one.stale ? "bad" : "" }, element("b", one.node.toUpperCase()), element("span", times(one)))));
  }
}

function times(one) {
  if (one.version === undefined && one.outcome !== "none") return "the product is not in this list";
  if (one.stale) return `stale for ${duration(one.stale_for_ms)} so far, ${duration(one.possible_ms)} possible`;
  if (one.true_after_ms === undefined) return "no write seen yet";
  const was = one.stale_for_ms > 0 ? `was stale for ${duration(one.stale_for_ms)}` : "never stale";
  return one.true_from === "none"
    ? `${was}, gone within ${duration(one.true_after_ms)}`
    : `${was}, true within ${duration(one.true_after_ms)} (${one.true_from})`;
}

const ideaOf = (title, idea) => document.documentElement.dataset.access === "Dapper" ? idea : saved[title] ?? idea;

function addRow([title, idea, name, calls, none = "no products"], number, place, onSent) {
  const answer = element("output", "", { id: `said-${number}` });
  const row = { title, name, answer, none, key: element("small", "", { className: "key" }), measured: element("div", "", { className: "measured" }), read: calls[0], until: undefined, begin: newest() };
  const heading = element(number ? "h3" : "h2", number ? `${number}. ${title}` : title, { id: `strategy-${number}` });
  const buttons = element("div", "", { className: "calls" });
  for (const [method, path, kind, label] of showsInternals ? [...calls, ["GET", `/cache/explain/${name}`, null, "Why"]] : calls) {
    const button = element("button", label ?? method, { type: "button", title: `${method} ${path}`, className: method === "DELETE" ? "danger" : "" });
    button.setAttribute("aria-label", `${label ?? method}, ${title}`);
    button.addEventListener("click", async () => {
      await send(row, method, path, kind);
      await onSent();
    });
    buttons.append(button);
  }
  answer.setAttribute("aria-label", `Answer, ${title}`);
  const article = element("article", "", {}, element("div", "", {}, heading, element("small", ideaOf(title, idea))), buttons, answer, element("div", "", {}, row.key, row.measured));
  row.measured.setAttribute("aria-label", `Measured on nodes A and B, ${title}`);
  row.measured.setAttribute("role", "group");
  article.setAttribute("aria-labelledby", heading.id);
  byId(place).append(article);
  return row;
}
