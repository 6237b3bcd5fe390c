/** Create elements. Texts of the API are inserted as text, never as HTML. */

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

/** Return the message of an error, with a button that calls `retry` if there is one. */
export function alert(error: unknown, retry?: () => void): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  const buttons = retry ? [element("button", { click: retry }, "Try again")] : [];
  return element("p", { role: "alert" }, element("span", {}, message), ...buttons);
}

/** Return the heading of a screen, which can have the focus; set the title of the window too. */
export function heading(text: string): HTMLHeadingElement {
  document.title = `${text} · Push notifications`;
  return element("h1", { tabindex: "-1" }, text);
}

export function loading(): HTMLElement {
  return element("p", { role: "status", class: "quiet" }, "Loading…");
}

/** Return the state of an export as a coloured chip. */
export function chip(state: string): HTMLElement {
  return element("span", { class: "chip", "data-state": state }, state);
}
