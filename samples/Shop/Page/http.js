// Requests and elements. Every text of a user or of the shop is set as text, never as markup.

export const byId = id => document.getElementById(id);
export const showsInternals = document.documentElement.dataset.internals === "shown";
export const fillIn = text => text.replace(/{(\w+)}/g, (_, id) => encodeURIComponent(byId(id).value));

export function element(tag, text, properties, ...children) {
  const made = Object.assign(document.createElement(tag), { textContent: text }, properties);
  made.append(...children);
  return made;
}

/* Sends a request. Returns the response, its body and the duration; null if the shop cannot be reached. */
export async function request(method, url, body) {
  const settings = { method, cache: "no-store" };
  if (body !== undefined) Object.assign(settings, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  const begin = performance.now();
  try {
    const response = await fetch(url, settings);
    return { response, body: parse(await response.text()), took: `${(performance.now() - begin).toFixed(1)} ms` };
  } catch {
    return null;
  }
}

/* Returns a function that begins a request, and then returns whether no later request has begun: answers may arrive in another order. */
export function newest() {
  let latest = 0;
  return () => {
    const sent = ++latest;
    return () => sent === latest;
  };
}

function parse(text) {
  try { return JSON.parse(text); } catch { return { detail: text || "an empty answer" }; }
}

/* Returns the reason of a refusal in words. */
export const reason = (status, body) => `${status}: ${body.detail ?? body.title ?? "no reason was given"}`;

/* Returns the price and the name to write. A field left empty is unchanged. */
export function newValues(hasPrice) {
  const body = {};
  if (byId("name").value !== "") body.name = byId("name").value;
  if (hasPrice && byId("price").value !== "") body.price = Number(byId("price").value);
  return body;
}

export function duration(milliseconds) {
  if (milliseconds < 100) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${milliseconds.toFixed(0)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/* Resolves to whether the deletion was confirmed. */
export function confirmed(question) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
