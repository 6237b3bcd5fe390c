/*
 * Create and update elements. The content comes from untrusted requests and files, so it is
 * inserted as text, never as HTML.
 */

const PROPERTIES = new Set(["hidden", "max", "open", "tabIndex", "value"]);

/** Return the element with an id. */
export const by = (id) => document.getElementById(id);

/**
 * Return a new element. Attributes such as `onclick` are listeners. Attributes that are false,
 * null or undefined are left out.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...present(children));
  return element;
}

function setAttribute(element, name, value) {
  if (!isPresent(value)) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
}

/** Replace the children of an element; the focus stays where it was. */
export function fill(parent, ...children) {
  keepFocus(parent, () => parent.replaceChildren(...present(children)));
}

const isPresent = (value) => value !== null && value !== undefined && value !== false;

const present = (children) => children.flat(Infinity).filter(isPresent);

const contents = new WeakMap();

/** Give `parent` a child per item, in their order. Reuse a child while its item is the same. */
export function keep(parent, items, keyOf, make) {
  keepFocus(parent, () => {
    const keys = new Set(items.map(keyOf));
    const oldChildren = new Map([...parent.children].map((child) => [child.dataset.key, child]));
    for (const [key, child] of oldChildren) if (!keys.has(key)) child.remove();
    let next = parent.firstElementChild;
    for (const item of items) {
      const oldChild = oldChildren.get(keyOf(item));
      const child = reuse(oldChild, item, keyOf, make);
      if (next && oldChild === next) {
        if (child !== next) next.replaceWith(child);
        next = child.nextElementSibling;
      } else {
        oldChild?.remove();
        parent.insertBefore(child, next);
      }
    }
  });
}

function reuse(oldChild, item, keyOf, make) {
  const content = JSON.stringify(item);
  if (oldChild && contents.get(oldChild) === content) return oldChild;
  const child = make(item);
  child.dataset.key = keyOf(item);
  contents.set(child, content);
  return child;
}

/**
 * Change something within `parent`, and keep the focus: on the same element, or on the new one
 * with the same `data-focus`.
 */
function keepFocus(parent, change) {
  const before = parent.contains(document.activeElement) ? document.activeElement : null;
  change();
  if (!before || before === document.activeElement || !before.dataset.focus) return;
  focusOn(before.dataset.focus, parent);
}

/** Focus the element with this `data-focus`. Return whether it exists. */
export function focusOn(name, within = document) {
  const elements = [...within.querySelectorAll("[data-focus]")];
  const target = elements.find((element) => element.dataset.focus === name);
  target?.focus({ preventScroll: true });
  return Boolean(target);
}

/** Return whether a key was pressed with Ctrl, Meta, Alt or Shift. */
export function hasModifier(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
}

/** Move the focus between the buttons of a list with the arrow keys. */
export function arrows(parent, selector) {
  parent.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || hasModifier(event) || !event.target.matches(selector)) return;
    const all = [...parent.querySelectorAll(selector)];
    all[all.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  });
}

const JSON_TOKENS = /("(?:[^"\\]|\\.)*")(:?)|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;

/** Return indented JSON, with a class for each kind of value. */
export function json(value) {
  const text = JSON.stringify(value, null, 2);
  const box = el("pre", { tabIndex: 0, role: "group", "aria-label": "JSON" });
  let end = 0;
  for (const match of text.matchAll(JSON_TOKENS)) {
    const [token, string, colon] = match;
    const shown = el("span", { class: jsonKind(string, colon) }, string ?? token);
    box.append(text.slice(end, match.index), shown, colon ?? "");
    end = match.index + token.length;
  }
  box.append(text.slice(end));
  return box;
}

function jsonKind(string, colon) {
  if (colon) return "member";
  return string ? "string" : "other";
}
