/*
 * A link with the state of a sandbox: deflated JSON as base64url in the fragment, which browsers
 * never send to a server.
 */

import { CallFailed, SANDBOX, call, panelOf } from "./api.js";
import { copy } from "./copy.js";
import { by, fill } from "./dom.js";
import { facts } from "./detail.js";
import { attempt, notice } from "./notices.js";
import { change } from "./sandbox.js";
import { PROGRESSIONS, counted, span } from "./words.js";

const NAME = "#state=";
/** The maximum length of a link, in characters: browsers accept 2 MB, mail and chat far less. */
const MAX_LENGTH = 1_500_000;
/** The maximum size of an unpacked link, in bytes: the maximum body of an admin request. */
const MAX_BYTES = 16 * 1024 * 1024;

const through = (bytes, stream) => new Blob([bytes]).stream().pipeThrough(stream).getReader();

async function readAll(reader, maximum) {
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    chunks.push(value);
    size += value.length;
    if (size > maximum) throw new Error(`it unpacks to more than ${maximum} bytes`);
  }
}

/** Return a value as text for a fragment. */
export async function pack(value) {
  const json = new TextEncoder().encode(JSON.stringify(value));
  const bytes = await readAll(through(json, new CompressionStream("deflate-raw")), Infinity);
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Return the value of a text from `pack`. Throws for any other text. */
export async function unpack(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const json = await readAll(through(bytes, new DecompressionStream("deflate-raw")), MAX_BYTES);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
}

async function copyLink() {
  const path = `sandboxes/${encodeURIComponent(SANDBOX)}?frozen=1`;
  const { blueprints, state } = await call("GET", path);
  const link = location.origin + panelOf(SANDBOX) + NAME + (await pack({ blueprints, state }));
  if (link.length > MAX_LENGTH) {
    const sizes = `${megabytes(link.length)} instead of at most ${megabytes(MAX_LENGTH)}`;
    const advice = `Export it with GET /__admin/sandboxes/${SANDBOX}.`;
    throw new CallFailed(0, `The state is too large for a link: ${sizes}. ${advice}`);
  }
  await copy(link, "The link to this state");
}

function megabytes(characters) {
  return `${(characters / 1e6).toFixed(1)} MB`;
}

let offered = null;

function dropFragment() {
  history.replaceState(null, "", location.pathname + location.search);
}

function summary({ state }) {
  const names = state.scenarios.map(({ name }) => name);
  const { offset_seconds: offset, running_since: since, progression } = state.clock;
  const mode = since === null ? "frozen" : "running";
  return facts([
    ["active scenarios", names.join(", ") || "none"],
    ["modified records", counted(state.records.length + state.overlay.length, "record")],
    ["clock", `${span(offset)} after the start, ${mode}`],
    ["status changes", PROGRESSIONS[progression] ?? progression],
  ]);
}

async function open({ blueprints, state }) {
  const path = `sandboxes/${encodeURIComponent(SANDBOX)}`;
  if (!(await change("PUT", path, { blueprints, state }))) return;
  notice(`The state of the link is open in sandbox ${SANDBOX}.`);
}

/** Show what the link contains, and ask before opening it: any page can send a browser here. */
async function offer() {
  if (!location.hash.startsWith(NAME)) return;
  let sandbox, description;
  try {
    sandbox = await unpack(location.hash.slice(NAME.length));
    description = summary(sandbox);
  } catch (error) {
    dropFragment();
    const advice = "It may be truncated. Copy it again.";
    notice(`The link contains no valid state: ${error.message}. ${advice}`, "error");
    return;
  }
  fill(by("offer-facts"), ...description.children);
  by("offer-open").textContent = `Open this state in sandbox ${SANDBOX}`;
  offered = sandbox;
  if (!by("offer").open) by("offer").showModal();
}

export function start() {
  by("copy-link").addEventListener("click", () => attempt(copyLink));
  by("offer-open").addEventListener("click", () => attempt(() => open(offered)));
  by("offer").addEventListener("close", dropFragment);
  addEventListener("hashchange", offer);
  return offer();
}
