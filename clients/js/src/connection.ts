import { NoResponse, ProblemError } from "./errors.js";
import type { Problem } from "./types.js";

export interface Options {
  /** The admin token, for a server that has one. */
  token?: string | undefined;
  /** The timeout of one call, in milliseconds; default 10,000. */
  timeout?: number | undefined;
}

const TIMEOUT = 10_000;
/** The problems of a call to a URL with a path, such as the path of the API. */
const NOT_FOUND = new Set(["urn:mockserver:problem:unknown-operation", "urn:mockserver:problem:route-not-found"]);
/** What the URL of a server must not contain: spaces, other alphabets, a query, a fragment. */
const INVALID = /[^!-~]|[?#]/;

/** Calls of the admin API: JSON in, JSON out, problems as errors. */
export class Connection {
  /** The URL of the server, without a slash at its end. */
  readonly url: string;
  readonly #headers: Record<string, string>;
  readonly #timeout: number;

  /** Throws a `TypeError` for an invalid URL or token. */
  constructor(url: string | URL, options: Options = {}) {
    this.url = baseUrl(url);
    if (!/^[ -~]*$/.test(options.token ?? "")) {
      throw new TypeError("invalid admin token; expected visible ASCII characters");
    }
    this.#headers = options.token ? { Authorization: `Bearer ${options.token}` } : {};
    this.#timeout = options.timeout ?? TIMEOUT;
  }

  /** Return the JSON of the response. Rejects with `ProblemError` for a problem, with `NoResponse` if no mock server responded completely. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { ok, status, media, text } = await this.#fetch(method, this.url + path, body);
    const json = /^application\/(problem\+)?json\b/.test(media) ? parseJson(text) : undefined;
    if (ok && json !== undefined) return json as T;
    if (!isProblem(json)) {
      throw new NoResponse(`expected JSON of a mock server from ${this.url}${path}, got ${status}, ${media}`);
    }
    const { pathname } = new URL(this.url);
    if (pathname === "/" || !NOT_FOUND.has(json.type)) throw new ProblemError(json);
    throw new NoResponse(`expected the URL of a mock server without the path ${pathname}, got ${this.url}: ${json.detail}`);
  }

  async #fetch(method: string, url: string, body: unknown) {
    const headers = { ...this.#headers };
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    try {
      const signal = AbortSignal.timeout(this.#timeout);
      const response = await fetch(url, { ...init, signal, redirect: "manual" });
      const text = await response.text();
      return { ok: response.ok, status: response.status, media: response.headers.get("content-type") ?? "none", text };
    } catch (error) {
      throw new NoResponse(`expected a mock server at ${this.url}, got no response: ${this.#reason(error)}`, { cause: error });
    }
  }

  /** Return the reason of a failed fetch. The message of Node is only "fetch failed"; the cause of the error has the reason. */
  #reason(error: unknown): string {
    const { cause, message, name } = error as { cause?: { code?: string; message?: string }; message?: string; name?: string };
    if (name === "TimeoutError") return `none within ${this.#timeout} ms`;
    const code = cause?.code?.startsWith("UND_") ? undefined : cause?.code;
    return code ?? cause?.message ?? message ?? String(error);
  }
}

/** Return the URL of a server as text, without a slash at its end. */
function baseUrl(url: string | URL): string {
  const text = String(url);
  const invalid = () => new TypeError(`expected the URL of a mock server, such as http://localhost:8080, got ${JSON.stringify(text)}`);
  try {
    const { protocol, username, password } = new URL(text);
    if (!/^https?:$/.test(protocol) || username || password || INVALID.test(text)) throw invalid();
  } catch {
    throw invalid();
  }
  return text.replace(/\/+$/, "");
}

/** Return the value of a JSON text; `undefined` if it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(json: unknown): json is Problem {
  return String((json as Partial<Problem> | null | undefined)?.type).startsWith("urn:mockserver:problem:");
}
