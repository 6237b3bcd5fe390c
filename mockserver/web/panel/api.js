/* The admin API: calls for the sandbox in the URL of the page. */

const match = /^(.*?)(?:\/~([^/]*))?\/__admin\/$/.exec(location.pathname);

/** The path before `/~NAME`. It is empty, except if a proxy serves the server below a path. */
export const PREFIX = match[1];
/** The name of the sandbox. */
export const SANDBOX = decodeURIComponent(match[2] ?? "default");

/** A call that was refused, or got no response; `message` is a sentence for the user. */
export class CallFailed extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let unlocked = null;
let askToken = null;

/**
 * Set the function that asks for the admin token. Its promise is fulfilled when the server accepts
 * a token.
 */
export function onTokenRequired(ask) {
  askToken = ask;
}

/** Return the path of the panel of a sandbox. */
export function panelOf(name) {
  if (name === "default") return `${PREFIX}/__admin/`;
  return `${PREFIX}/~${encodeURIComponent(name)}/__admin/`;
}

/**
 * Call the admin API and return its JSON. Ask once for the admin token if the server requires it.
 * Throws `CallFailed`.
 */
export async function call(method, path, body) {
  for (;;) {
    const response = await send(method, path, body);
    const value = await response.json().catch(() => null);
    if (response.ok) return value;
    if (response.status !== 401 || path === "session") {
      throw new CallFailed(response.status, errorText(response, value));
    }
    unlocked ??= askToken().finally(() => (unlocked = null));
    await unlocked;
  }
}

let lastChange = Promise.resolve();

/** Send changes one after the other: two quick clicks must not arrive in reverse order. */
function send(method, path, body) {
  if (method === "GET") return fetchJson(method, path, body);
  const response = lastChange.then(() => fetchJson(method, path, body));
  lastChange = response.catch(() => null);
  return response;
}

async function fetchJson(method, path, body) {
  const options = { method, cache: "no-store" };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  try {
    return await fetch(path, options);
  } catch {
    throw new CallFailed(0, "The server does not respond.");
  }
}

/** Return the text of a problem (RFC 9457). */
function errorText(response, problem) {
  if (!problem?.title) return `The server returned ${response.status} ${response.statusText}.`;
  return problem.detail ? `${problem.title}: ${problem.detail}` : problem.title;
}
