/** Elements in few words. Text goes in as text: what the API says is never HTML. */

type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (typeof value === "boolean") made.toggleAttribute(key, value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** The sentence of an error, and a button that tries again where that can help. */
export function alert(error: unknown, again?: () => void): HTMLElement {
  const retry = again ? [element("button", { click: again }, "Try again")] : [];
  return element("p", { role: "alert" }, element("span", {}, error instanceof Error ? error.message : String(error)), ...retry);
}

/** The heading of a screen, which the focus can be put on; the window has its name too. */
export function heading(text: string): HTMLHeadingElement {
  document.title = `${text} · Push notifications`;
  return element("h1", { tabindex: "-1" }, text);
}

export function loading(): HTMLElement {
  return element("p", { role: "status", class: "quiet" }, "Loading…");
}

/** An export's state, as a word on a colour. */
export function chip(state: string): HTMLElement {
  return element("span", { class: "chip", "data-state": state }, state);
}
