/* The admin token, where the server asks for one. It goes to the server, which gives a cookie; the page keeps nothing. */

import { call, whenLocked } from "./api.js";
import { by } from "./dom.js";

/** Ask until the server takes it. */
function ask() {
  return new Promise((taken) => {
    const dialog = by("session");
    by("session-form").onsubmit = async (event) => {
      event.preventDefault();
      try {
        await call("POST", "session", { token: by("token").value });
      } catch (error) {
        by("session-wrong").textContent = error.message;
        return;
      }
      by("token").value = "";
      by("session-wrong").textContent = "";
      dialog.close();
      taken();
    };
    dialog.oncancel = (event) => event.preventDefault(); // without the token there is nothing to see
    if (!dialog.open) dialog.showModal();
  });
}

export function start() {
  whenLocked(ask);
}
