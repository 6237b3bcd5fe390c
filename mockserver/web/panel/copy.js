/* Into the clipboard. */

import { by, el } from "./dom.js";
import { notice } from "./notices.js";

/** Copy a text, and say so. Where the browser has no clipboard for the page (plain HTTP, not localhost), show it to be copied by hand. */
export async function copy(text, named) {
  try {
    await navigator.clipboard.writeText(text);
    notice(`${named} is in the clipboard.`);
  } catch {
    byHand(text, named);
  }
}

function byHand(text, named) {
  const field = el("textarea", { readonly: true, rows: "6", "aria-label": named });
  field.value = text;
  const close = el("button", {}, "Close");
  const dialog = el("dialog", { "aria-label": named, onclose: () => dialog.remove() },
    el("p", {}, `${named}, to be copied with Ctrl+C:`), field, el("form", { method: "dialog" }, close));
  by("notices").after(dialog);
  dialog.showModal();
  field.select();
}
