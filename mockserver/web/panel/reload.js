/* The errors of a failed reload (`mockserver serve --reload`), shown until the files are valid. */

import { by, el, keep } from "./dom.js";
import { onPart } from "./sandbox.js";
import { counted } from "./words.js";

function show({ reload_errors: errors }) {
  by("reload-errors").hidden = errors.length === 0;
  by("reload-count").textContent = counted(errors.length, "error");
  keep(
    by("reload-list"),
    errors,
    (error) => error,
    (error) => el("li", {}, el("code", {}, error)),
  );
}

export function start() {
  onPart("contract", show);
}
