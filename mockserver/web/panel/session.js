/* The admin token, where the server asks for one. It goes to the server, which gives a cookie; the page keeps nothing. */

import { call, whenLocked } from "./api.js";
import { by } from "./dom.js";

/** What is called when the server has taken a token; null while nobody waits for one. */
let taken = null;

/** Ask until the server takes it. */
function ask() {
  if (!by("session").open) by("session").showModal();
  return new Promise((resolve) => {
    taken = resolve;
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
  const done = taken;
  taken = null;
  by("session").close();
  done?.();
}

/** Without the token there is nothing to see. Chromium lets Escape close a dialog at the second press, whatever `cancel` says. */
function stay() {
  if (taken && !by("session").open) by("session").showModal();
}

export function start() {
  by("session-form").addEventListener("submit", submit);
  by("session").addEventListener("cancel", (event) => event.preventDefault());
  by("session").addEventListener("close", stay);
  whenLocked(ask);
}
