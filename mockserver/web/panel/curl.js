/* An exchange as a curl command. */

/** Request headers, in addition to token and sandbox, that can change the response. */
const COPIED_HEADERS = ["Prefer", "Content-Type"];
const TRUNCATION = /… \(\d+ bytes\)$/;
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const CONTROLS = new RegExp(CONTROL.source, "g");

/** Quote a word for a POSIX shell. Control characters are escaped, for terminals interpret them. */
export function quoted(text) {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  return `$'${escaped.replace(CONTROLS, unicodeEscape)}'`;
}

function unicodeEscape(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function methodWords(method) {
  if (method === "GET") return [];
  if (method === "HEAD") return ["--head"];
  return ["-X", method];
}

function headerLines(exchange, sandbox) {
  const lines = [];
  if (exchange.token) lines.push(`${exchange.token_header ?? "X-Access-Token"}: TOKEN`);
  if (sandbox !== "default") lines.push(`X-Mock-Sandbox: ${sandbox}`);
  for (const name of COPIED_HEADERS) {
    const value = exchange.headers?.[name.toLowerCase()];
    if (value) lines.push(`${name}: ${value}`);
  }
  return lines;
}

/**
 * Return a command that repeats the request. The journal masks tokens, so the user has to replace
 * TOKEN.
 */
export function curl(exchange, origin, sandbox) {
  const path = exchange.path.split("/").map(encodeURIComponent).join("/");
  const url = origin + path + (exchange.query ? `?${exchange.query}` : "");
  const words = ["curl", ...methodWords(exchange.method), url];
  for (const line of headerLines(exchange, sandbox)) words.push("-H", line);
  if (exchange.request_body) {
    words.push("--data-raw", exchange.request_body.replace(TRUNCATION, ""));
  }
  return words.map(quoted).join(" ");
}
