/* Copy to the clipboard. */

import { by, el } from "./dom.js";
import { notice } from "./notices.js";

/**
 * Copy a text, and show a message. A page without a clipboard (plain HTTP, not localhost) shows
 * the text, so that the user can copy it.
 */
export async function copy(text, title) {
  try {
    await navigator.clipboard.writeText(text);
    notice(`${title} is in the clipboard.`);
  } catch {
    showForCopying(text, title);
  }
}

function showForCopying(text, title) {
  const field = el("textarea", { readonly: true, rows: "6", "aria-label": title });
  field.value = text;
  const close = el("button", {}, "Close");
  const dialog = el(
    "dialog",
    { "aria-label": title, onclose: () => dialog.remove() },
    el("p", {}, `${title}. Copy it with Ctrl+C:`),
    field,
    el("form", { method: "dialog" }, close),
  );
  by("notices").after(dialog);
  dialog.showModal();
  field.select();
}
