/* Making elements and keeping them. What is shown comes from other people's requests and files: it goes in as text, never as HTML. */

const PROPERTIES = new Set(["disabled", "hidden", "max", "open", "tabIndex", "value"]);

/** The element of an id. */
export const by = (id) => document.getElementById(id);

/** A new element. An attribute `onclick` and its like is a listener; one that is false, null or undefined is left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...there(children));
  return made;
}

/** Give an element these children in place of those that it has; the focus stays where it was. */
export function fill(parent, ...children) {
  refocused(parent, () => parent.replaceChildren(...there(children)));
}

const there = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

const made = new WeakMap();

/** Let `parent` have one child for each item, in their order. A child stays as long as its item says the same. */
export function keep(parent, items, keyOf, make) {
  refocused(parent, () => {
    const keys = new Set(items.map(keyOf));
    const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
    for (const [key, child] of old) if (!keys.has(key)) child.remove();
    let place = parent.firstElementChild;
    for (const item of items) {
      const child = kept(old.get(keyOf(item)), item, keyOf, make);
      if (old.get(keyOf(item)) === place && place) {
        if (child !== place) place.replaceWith(child);
        place = child.nextElementSibling;
      } else {
        old.get(keyOf(item))?.remove();
        parent.insertBefore(child, place);
      }
    }
  });
}

function kept(child, item, keyOf, make) {
  const says = JSON.stringify(item);
  if (child && made.get(child) === says) return child;
  const next = make(item);
  next.dataset.key = keyOf(item);
  made.set(next, says);
  return next;
}

/** Change something within `parent`; what had the focus, or what stands for it now (same `data-focus`), has it afterwards. */
function refocused(parent, change) {
  const before = parent.contains(document.activeElement) ? document.activeElement : null;
  change();
  if (!before || before === document.activeElement || !before.dataset.focus) return;
  focusOn(before.dataset.focus, parent);
}

/** Put the focus on the element whose `data-focus` this is; says whether there is one. */
export function focusOn(name, within = document) {
  const found = [...within.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === name);
  found?.focus({ preventScroll: true });
  return Boolean(found);
}

/** Let the arrow keys go from one button of a list to the next. */
export function arrows(parent, selector) {
  parent.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !event.target.matches(selector)) return;
    const all = [...parent.querySelectorAll(selector)];
    all[all.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  });
}

/** JSON, indented, with its kinds of values told apart. */
export function json(value) {
  const text = JSON.stringify(value, null, 2);
  const box = el("pre", { tabIndex: 0, role: "group", "aria-label": "JSON" });
  let end = 0;
  for (const found of text.matchAll(/("(?:[^"\\]|\\.)*")(:?)|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g)) {
    const kind = found[2] ? "member" : found[1] ? "string" : "other";
    box.append(text.slice(end, found.index), el("span", { class: kind }, found[1] ?? found[0]), found[2] ?? "");
    end = found.index + found[0].length;
  }
  box.append(text.slice(end));
  return box;
}
