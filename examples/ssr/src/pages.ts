/** The pages, as HTML. */

import type { Export } from "./api.js";

/** Text that is HTML already. */
class Html {
  constructor(readonly text: string) {}
}

/** Return HTML. Values are escaped, unless they are HTML already. */
function html(strings: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  return new Html(strings.reduce((text, string, index) => text + insert(values[index - 1] ?? "") + string));
}

function insert(value: string | number | Html | Html[]): string {
  if (Array.isArray(value)) return value.map(insert).join("");
  if (value instanceof Html) return value.text;
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function listPage(exports: Export[]): string {
  if (exports.length === 0) return page("Exports", html`<p>Nothing was exported yet.</p>`);
  const rows = exports.map((row) => html`<li><a href="/exports/${row.id}">${row.name}</a> <span>${row.status}</span></li>`);
  return page("Exports", html`<ul>${rows}</ul>`);
}

export function exportPage(current: Export, error = ""): string {
  const disabled = ["waiting", "running"].includes(current.status) ? "" : "disabled";
  return page(
    current.name,
    html`${alert(error)}<p>State: <strong>${current.status}</strong></p>
      <form method="post" action="/exports/${current.id}/cancel"><button ${new Html(disabled)}>Cancel</button></form>
      <a href="/exports">All exports</a>`,
  );
}

export function errorPage(error: string): string {
  return page("Error", alert(error));
}

function alert(error: string): Html {
  return error ? html`<p role="alert">${error}</p>` : html``;
}

function page(title: string, content: Html): string {
  return `<!doctype html>${html`<html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${content}</html>`.text}`;
}
