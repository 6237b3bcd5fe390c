/* The tabs of the collections (WAI-ARIA Authoring Practices, tabs with automatic activation). */

import { by, el, focusOn, hasModifier, keep } from "./dom.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
let select = null;

function tab({ id, name, title, count, isSelected }) {
  const attributes = {
    role: "tab",
    id,
    "aria-selected": String(isSelected),
    "aria-controls": "collections",
    tabIndex: isSelected ? 0 : -1,
    "data-focus": `tab ${name}`,
    onclick: () => select(name),
  };
  return el("button", attributes, `${title} `, el("small", {}, count));
}

/** Show the tabs: of each its id, name, title, count, and whether it is selected. */
export function showTabs(tabs) {
  keep(by("collection-tabs"), tabs, ({ name }) => name, tab);
  const selected = tabs.find(({ isSelected }) => isSelected);
  if (selected) by("collections").setAttribute("aria-labelledby", selected.id);
}

/** Return the position to which a key leads from a tab; undefined for other keys. */
function target(key, position, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return key in STEPS ? (position + STEPS[key] + count) % count : undefined;
}

function onKey(event) {
  if (hasModifier(event)) return;
  const tabs = [...by("collection-tabs").children];
  const position = target(event.key, tabs.indexOf(event.target), tabs.length);
  if (position === undefined) return;
  event.preventDefault();
  const name = tabs[position].dataset.key;
  select(name);
  focusOn(`tab ${name}`, by("collection-tabs"));
}

/** Call `onSelect` with the name of each tab that the user selects. */
export function startTabs(onSelect) {
  select = onSelect;
  by("collection-tabs").addEventListener("keydown", onKey);
}
