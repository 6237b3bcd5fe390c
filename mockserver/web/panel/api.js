/* The admin API: calls for the sandbox in the address of the page. */

const found = /^(.*?)(?:\/~([^/]*))?\/__admin\/$/.exec(location.pathname);

/** What stands before `/~NAME` in the address: empty, unless a proxy put the server below a path. */
export const PREFIX = found[1];
/** The name of the sandbox. */
export const SANDBOX = decodeURIComponent(found[2] ?? "default");

/** A call that was refused, or not answered; `message` is a sentence for people. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let unlocked = null;
let askToken = null;

/** Say who asks for the admin token: a function that gives a promise, kept when the token was taken. */
export function whenLocked(ask) {
  askToken = ask;
}

/** The address of another sandbox's panel. */
export const panelOf = (name) => (name === "default" ? `${PREFIX}/__admin/` : `${PREFIX}/~${encodeURIComponent(name)}/__admin/`);

/** Call the admin API; returns its JSON. Throws `Refused`. Asks once for the admin token, if the server requires it. */
export async function call(method, path, body) {
  for (;;) {
    const response = await sent(method, path, body);
    const value = await response.json().catch(() => null);
    if (response.ok) return value;
    if (response.status !== 401 || path === "session") throw new Refused(response.status, sentence(response, value));
    unlocked ??= askToken().finally(() => (unlocked = null));
    await unlocked;
  }
}

let last = Promise.resolve();

/** Changes go out one after the other: two clicks in a row must not arrive the other way round. */
function sent(method, path, body) {
  if (method === "GET") return fetched(method, path, body);
  const answer = last.then(() => fetched(method, path, body));
  last = answer.catch(() => null);
  return answer;
}

async function fetched(method, path, body) {
  const json = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    return await fetch(path, { method, cache: "no-store", ...json });
  } catch {
    throw new Refused(0, "The server does not answer.");
  }
}

/** What a problem (RFC 9457) says. */
function sentence(response, problem) {
  if (!problem?.title) return `The server answered ${response.status} ${response.statusText}.`;
  return problem.detail ? `${problem.title}: ${problem.detail}` : problem.title;
}
