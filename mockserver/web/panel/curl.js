/* An exchange as a command for a shell. */

/** Headers of the request that have a part in the answer, beside token and sandbox. */
const REPEATED = ["Prefer", "Content-Type"];
const CUT = /… \(\d+ bytes\)$/;

/** A word of a POSIX shell, whatever is in it; control characters, which a terminal might obey, are written out. */
export function quoted(text) {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text;
  if (!/[\x00-\x1f\x7f-\x9f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  return `$'${escaped.replace(/[\x00-\x1f\x7f-\x9f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)}'`;
}

/** The command that asks the same again. The journal masks tokens: put yours in the place of TOKEN. */
export function curl(exchange, origin, sandbox) {
  const path = exchange.path.split("/").map(encodeURIComponent).join("/");
  const url = origin + path + (exchange.query ? `?${exchange.query}` : "");
  const words = ["curl", ...(exchange.method === "GET" ? [] : exchange.method === "HEAD" ? ["--head"] : ["-X", exchange.method]), url];
  const headers = [
    exchange.token && ["X-Access-Token", "TOKEN"],
    sandbox !== "default" && ["X-Mock-Sandbox", sandbox],
    ...REPEATED.map((name) => exchange.headers?.[name.toLowerCase()] && [name, exchange.headers[name.toLowerCase()]]),
  ].filter(Boolean);
  for (const [name, value] of headers) words.push("-H", `${name}: ${value}`);
  if (exchange.request_body) words.push("--data-raw", exchange.request_body.replace(CUT, ""));
  return words.map(quoted).join(" ");
}
