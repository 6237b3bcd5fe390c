/* An exchange as a curl command. */

/** Request headers, in addition to token and sandbox, that can change the response. */
const COPIED_HEADERS = ["Prefer", "Content-Type"];
const TRUNCATION = /… \(\d+ bytes\)$/;

/** Quote a word for a POSIX shell. Control characters are escaped: a terminal might interpret them. */
export function quoted(text) {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text;
  if (!/[\x00-\x1f\x7f-\x9f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  return `$'${escaped.replace(/[\x00-\x1f\x7f-\x9f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}'`;
}

/** Return a command that repeats the request. The journal masks tokens, so the user has to replace TOKEN. */
export function curl(exchange, origin, sandbox) {
  const path = exchange.path.split("/").map(encodeURIComponent).join("/");
  const url = origin + path + (exchange.query ? `?${exchange.query}` : "");
  const words = ["curl", ...(exchange.method === "GET" ? [] : exchange.method === "HEAD" ? ["--head"] : ["-X", exchange.method]), url];
  const headers = [
    exchange.token && ["X-Access-Token", "TOKEN"],
    sandbox !== "default" && ["X-Mock-Sandbox", sandbox],
    ...COPIED_HEADERS.map((name) => exchange.headers?.[name.toLowerCase()] && [name, exchange.headers[name.toLowerCase()]]),
  ].filter(Boolean);
  for (const [name, value] of headers) words.push("-H", `${name}: ${value}`);
  if (exchange.request_body) words.push("--data-raw", exchange.request_body.replace(TRUNCATION, ""));
  return words.map(quoted).join(" ");
}
