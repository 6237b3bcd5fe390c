/*
 * The dialog for the admin token. The server exchanges the token for a cookie. The page stores
 * nothing.
 */

import { call, onTokenRequired } from "./api.js";
import { by } from "./dom.js";

/** Resolves the promise of `ask`; null while no call waits for a token. */
let resolveAsk = null;

/** Ask until the server accepts a token. */
function ask() {
  if (!by("session").open) by("session").showModal();
  return new Promise((resolve) => {
    resolveAsk = resolve;
  });
}

async function submit(event) {
  event.preventDefault();
  try {
    await call("POST", "session", { token: by("token").value });
  } catch (error) {
    by("session-wrong").textContent = error.message;
    return;
  }
  by("token").value = "";
  by("session-wrong").textContent = "";
  const done = resolveAsk;
  resolveAsk = null;
  by("session").close();
  done?.();
}

/**
 * Open the dialog again while a token is required. Chromium closes it at the second Escape even if
 * `cancel` is prevented.
 */
function reopen() {
  if (resolveAsk && !by("session").open) by("session").showModal();
}

export function start() {
  by("session-form").addEventListener("submit", submit);
  by("session").addEventListener("cancel", (event) => event.preventDefault());
  by("session").addEventListener("close", reopen);
  onTokenRequired(ask);
}
