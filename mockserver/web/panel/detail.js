/* The lower half of a part: one thing, opened. It stands apart from the list above it, so that the list may go on moving. */

import { el, fill, focusOn } from "./dom.js";

/** Show something in the box. `focus` names the `data-focus` of what it was opened from, where the focus goes back to. */
export function showDetail(box, title, focus, ...children) {
  const fresh = box.hidden || box.dataset.of !== focus;
  const close = () => hideDetail(box);
  // Named, so that it keeps the focus when the same thing is shown anew.
  const heading = el("h3", { tabIndex: -1, "data-focus": `heading ${box.id}` }, title);
  fill(box,
    el("div", { class: "detail-head" }, heading, el("button", { class: "quiet", "aria-label": "Close", "data-focus": "close", onclick: close }, "×")),
    el("div", { class: "detail-body" }, children),
  );
  box.hidden = false;
  box.dataset.of = focus;
  mark(box, focus);
  if (fresh) heading.focus({ preventScroll: true });
}

/** Let the list show which of its things is opened. */
function mark(box, focus) {
  const list = box.parentElement;
  for (const each of list.querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
  [...list.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === focus)?.setAttribute("aria-current", "true");
}

/** Close the box. The focus goes back to what it was opened from; where that is filtered out, to the title of the part. */
export function hideDetail(box) {
  if (box.hidden) return;
  mark(box, "");
  const had = box.contains(document.activeElement) || document.activeElement === document.body;
  box.hidden = true;
  if (had && !focusOn(box.dataset.of)) box.parentElement.querySelector("h2").focus({ preventScroll: true });
}

/**
 * Let Escape close the box, from anywhere in its part: while the list moves, the focus may be there.
 * A filter with a text in it takes the key for itself: the browser empties it.
 */
export function closeOnEscape(box) {
  box.parentElement.addEventListener("keydown", (event) => {
    const emptied = event.target.matches("input") && event.target.value !== "";
    if (event.key === "Escape" && !emptied) hideDetail(box);
  });
}

/** A list of facts: pairs of a name and its content; those without content are left out. */
export function facts(pairs) {
  const there = pairs.filter(([, content]) => content !== null && content !== undefined && content !== "");
  return el("dl", { class: "facts" }, there.map(([name, content]) => [el("dt", {}, name), el("dd", {}, content)]));
}
