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
  // From anywhere in the part: while the list moves, the focus may be on it, or on nothing.
  box.parentElement.onkeydown = (event) => event.key === "Escape" && close();
  if (fresh) heading.focus({ preventScroll: true });
}

/** Let the list show which of its things is opened. */
function mark(box, focus) {
  const list = box.parentElement;
  for (const each of list.querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
  [...list.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === focus)?.setAttribute("aria-current", "true");
}

/** Close the box. */
export function hideDetail(box) {
  if (box.hidden) return;
  mark(box, "");
  const had = box.contains(document.activeElement) || document.activeElement === document.body;
  box.hidden = true;
  if (had) focusOn(box.dataset.of);
}

/** A list of facts: pairs of a name and its content; those without content are left out. */
export function facts(pairs) {
  const there = pairs.filter(([, content]) => content !== null && content !== undefined && content !== "");
  return el("dl", { class: "facts" }, there.map(([name, content]) => [el("dt", {}, name), el("dd", {}, content)]));
}
