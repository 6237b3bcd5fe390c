/* The top bar: server, sandbox, and actions for the sandbox. */

import { PREFIX, SANDBOX, call, panelOf } from "./api.js";
import { setDisabled, unlessDisabled } from "./disabled.js";
import { by, el, fill } from "./dom.js";
import { clearList } from "./journal.js";
import { attempt, notice } from "./notices.js";
import { change } from "./sandbox.js";

const VALID_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const RULE = "expected 1 to 64 letters, digits, . _ or -, the first a letter or a digit";
const DEFAULT_REASON = "Requests without a sandbox name use the sandbox “default” anyway.";
const MAX_SUGGESTIONS = 200;
let binding = null;

/* Selecting a sandbox. */

async function listSandboxes() {
  const { sandboxes } = await call("GET", "sandboxes");
  const names = sandboxes.slice(0, MAX_SUGGESTIONS).map(({ name }) => name);
  fill(by("sandboxes"), names.map((name) => el("option", { value: name })));
}

function suggestSandboxes() {
  by("sandbox").select();
  attempt(listSandboxes);
}

function goToSandbox(event) {
  event.preventDefault();
  const name = by("sandbox").value.trim() || "default";
  if (VALID_NAME.test(name)) location.assign(panelOf(name));
  else notice(`“${name}” is not a valid sandbox name; ${RULE}.`, "error");
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
  const isUseless = SANDBOX === "default" && !sandbox;
  button.setAttribute("aria-checked", String(sandbox === SANDBOX));
  button.lastElementChild.textContent = bindingLabel(sandbox);
  setDisabled(button, by("bind-description"), isUseless ? DEFAULT_REASON : "");
  const target = sandbox && SANDBOX === "default" ? sandbox : SANDBOX;
  const effect = `While it is on, requests from ${address} without a sandbox go to ${target}.`;
  if (!isUseless) by("bind-description").textContent = effect;
  button.title = by("bind-description").textContent;
}

async function bind() {
  const removes = binding.sandbox === SANDBOX || SANDBOX === "default";
  const request = removes
    ? call("DELETE", "bindings")
    : call("PUT", "bindings", { sandbox: SANDBOX });
  const value = await request;
  showBinding(value);
  const target = value.sandbox ?? "default again";
  notice(`Requests from ${value.address} without a sandbox go to ${target}.`);
}

/* Reset. It can be undone, except for the journal. */

async function reset() {
  const path = `sandboxes/${encodeURIComponent(SANDBOX)}`;
  const { blueprints, state } = await call("GET", path).catch(() => ({}));
  if (!(await change("POST", "reset", {}))) return;
  clearList();
  const undo = state && ["Undo", () => change("PUT", path, { blueprints, state })];
  notice(`Sandbox ${SANDBOX} is reset to its state at server start.`, "note", undo);
}

async function showVersion() {
  by("version").textContent = (await call("GET", "version")).version;
}

async function fetchBinding() {
  showBinding(await call("GET", "bindings"));
}

/** Fill the links to Swagger UI. A proxy may serve the server below a path. */
function linkDocs() {
  by("docs-api").href = `${PREFIX}/docs`;
  by("docs-admin").href = `${PREFIX}/docs?admin`;
}

export async function start() {
  linkDocs();
  by("sandbox").value = SANDBOX;
  document.title = `${SANDBOX} – mockserver`;
  by("sandbox-form").addEventListener("submit", goToSandbox);
  by("sandbox").addEventListener("focus", suggestSandboxes);
  by("bind").addEventListener("click", unlessDisabled(() => attempt(bind)));
  by("reset").addEventListener("click", () => attempt(reset));
  await Promise.all([attempt(showVersion), attempt(fetchBinding)]);
}
