/* The bar on top: which server, which sandbox, and what is done with a whole sandbox. */

import { SANDBOX, call, panelOf } from "./api.js";
import { by, el, fill } from "./dom.js";
import { forget } from "./journal.js";
import { attempt, notice } from "./notices.js";
import { change } from "./sandbox.js";

const VALID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
let bound = null;

/* Which sandbox. */

async function listSandboxes() {
  const { sandboxes } = await call("GET", "sandboxes");
  fill(by("sandboxes"), sandboxes.slice(0, 200).map((each) => el("option", { value: each.name })));
}

function go(event) {
  event.preventDefault();
  const name = by("sandbox").value.trim() || "default";
  if (VALID.test(name)) location.assign(panelOf(name));
  else notice(`“${name}” cannot be the name of a sandbox; expected 1 to 64 letters, digits, . _ or -, the first a letter or a digit.`, "fault");
}

/* Binding. */

function showBinding(value) {
  bound = value;
  const here = value.sandbox === SANDBOX;
  const button = by("bind");
  button.setAttribute("aria-checked", String(here));
  button.disabled = SANDBOX === "default" && !value.sandbox;
  button.lastElementChild.textContent = value.sandbox && !here ? `Bound to ${value.sandbox}` : here ? "Address bound here" : "Bind my address";
  button.title = button.disabled
    ? "Requests that name no sandbox come here anyway."
    : `While it is on, requests from ${value.address} that name no sandbox go to ${value.sandbox && SANDBOX === "default" ? value.sandbox : SANDBOX}.`;
}

async function bind() {
  const off = bound.sandbox === SANDBOX || SANDBOX === "default";
  const value = await (off ? call("DELETE", "bindings") : call("PUT", "bindings", { sandbox: SANDBOX }));
  showBinding(value);
  const to = value.sandbox ? `go to ${value.sandbox}` : "go to default again";
  notice(`Requests from ${value.address} that name no sandbox ${to}.`);
}

/* Reset, which can be taken back: the journal cannot, all else can. */

async function reset() {
  const name = encodeURIComponent(SANDBOX);
  const { blueprints, state } = await call("GET", `sandboxes/${name}`).catch(() => ({}));
  if (!(await change("POST", "reset", {}))) return;
  forget();
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
