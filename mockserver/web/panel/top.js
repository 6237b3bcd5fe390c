/* The top bar: server, sandbox, and actions for the sandbox. */

import { SANDBOX, call, panelOf } from "./api.js";
import { by, el, fill } from "./dom.js";
import { clearList } from "./journal.js";
import { attempt, notice } from "./notices.js";
import { change } from "./sandbox.js";

const VALID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
let binding = null;

/* Selecting a sandbox. */

async function listSandboxes() {
  const { sandboxes } = await call("GET", "sandboxes");
  fill(by("sandboxes"), sandboxes.slice(0, 200).map(({ name }) => el("option", { value: name })));
}

function go(event) {
  event.preventDefault();
  const name = by("sandbox").value.trim() || "default";
  if (VALID.test(name)) location.assign(panelOf(name));
  else notice(`“${name}” is not a valid sandbox name; expected 1 to 64 letters, digits, . _ or -, the first a letter or a digit.`, "error");
}

/* Binding. */

function bindingLabel(sandbox) {
  if (sandbox === SANDBOX) return "Address bound here";
  return sandbox ? `Bound to ${sandbox}` : "Bind my address";
}

function showBinding(value) {
  binding = value;
  const { address, sandbox } = value;
  const button = by("bind");
  button.setAttribute("aria-checked", String(sandbox === SANDBOX));
  button.disabled = SANDBOX === "default" && !sandbox;
  button.lastElementChild.textContent = bindingLabel(sandbox);
  const target = sandbox && SANDBOX === "default" ? sandbox : SANDBOX;
  button.title = button.disabled
    ? "Requests without a sandbox come here anyway."
    : `While it is on, requests from ${address} without a sandbox go to ${target}.`;
}

async function bind() {
  const removes = binding.sandbox === SANDBOX || SANDBOX === "default";
  const value = await (removes ? call("DELETE", "bindings") : call("PUT", "bindings", { sandbox: SANDBOX }));
  showBinding(value);
  const target = value.sandbox ?? "default again";
  notice(`Requests from ${value.address} without a sandbox go to ${target}.`);
}

/* Reset. It can be undone, except for the journal. */

async function reset() {
  const name = encodeURIComponent(SANDBOX);
  const { blueprints, state } = await call("GET", `sandboxes/${name}`).catch(() => ({}));
  if (!(await change("POST", "reset", {}))) return;
  clearList();
  const undo = state && ["Undo", () => change("PUT", `sandboxes/${name}`, { blueprints, state })];
  notice(`Sandbox ${SANDBOX} is as it started.`, "note", undo);
}

export async function start() {
  by("sandbox").value = SANDBOX;
  document.title = `${SANDBOX} – mockserver`;
  by("sandbox-form").addEventListener("submit", go);
  by("sandbox").addEventListener("focus", () => (by("sandbox").select(), attempt(listSandboxes)));
  by("bind").addEventListener("click", () => attempt(bind));
  by("reset").addEventListener("click", () => attempt(reset));
  await Promise.all([
    attempt(async () => (by("version").textContent = (await call("GET", "version")).version)),
    attempt(async () => showBinding(await call("GET", "bindings"))),
  ]);
}
