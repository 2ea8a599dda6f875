// The page: forms, the state of the log, and the two sections.
import { byId, element, newest, request, showsInternals } from "./http.js";
import * as nodes from "./nodes.js";
import * as strategies from "./strategies.js";

const period = 2000;
const begin = newest();

/* Splits a position: partition, generation, sequence. Only the sequence is short enough to read. */
function position(text) {
  if (!text) return { short: "no position yet", long: "" };
  const [partition, generation, sequence] = text.split("-");
  return { short: `position ${sequence}`, long: `partition ${partition}, generation ${generation}, sequence ${sequence}` };
}

function logLine({ database, redis, queued, horizon: { trusted, position: at, confirmed_ms_ago } }) {
  const parts = [trusted ? "Log: trusted" : "Log: not trusted, so reads go to the database", position(at).short];
  parts.push(confirmed_ms_ago === undefined ? "never confirmed" : `confirmed ${confirmed_ms_ago} ms ago`);
  if (queued > 0) parts.push(`${queued} pending`);
  if (redis === "unreachable") parts.push("Redis unreachable");
  if (database !== "connected") parts.push("database unreachable");
  return parts.join(" · ");
}

async function lookAtLog() {
  const isNewest = begin();
  const health = await request("GET", "/health");
  if (!isNewest()) return;
  const body = health?.body.horizon ? health.body : null;
  const line = body ? logLine(body) : "The log cannot be read: the shop cannot be reached.";
  byId("log").replaceChildren(element("small", line, { className: body?.status === "healthy" ? "" : "bad", title: position(body?.horizon.position).long }));
}

const look = () => Promise.all([strategies.lookAtKeys(), lookAtLog(), nodes.follow(onAnswer)]);

function onAnswer(answer, isWritten) {
  strategies.showMeasured(answer);
  if (isWritten) Promise.all([strategies.lookAtKeys(), lookAtLog()]);
}

byId("asked").noValidate = true; // The shop's own reasons are shown instead.
byId("asked").addEventListener("submit", event => {
  event.preventDefault();
  if (showsInternals) nodes.write("a", onAnswer);
  else strategies.readAll().then(look);
});
byId("ordered").noValidate = true;
byId("ordered").addEventListener("submit", event => {
  event.preventDefault();
  strategies.createOrder().then(look);
});
byId("all").addEventListener("click", () => strategies.readAll().then(look));
for (const id of ["product", "category"]) byId(id).addEventListener("change", strategies.lookAtKeys);

strategies.start(look);
nodes.start(onAnswer);
(async function follow() {
  await lookAtLog();
  setTimeout(follow, period);
})();
