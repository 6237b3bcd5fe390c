import { NoAnswer, ProblemAnswered } from "./errors.js";
import type { Problem } from "./shapes.js";

export interface Options {
  /** The admin token, for a server that has one. */
  token?: string | undefined;
  /** Milliseconds that one call may take, answer and all: 10,000 unless given. */
  timeout?: number | undefined;
}

const TIMEOUT = 10_000;
/** The API answered instead of the control plane: the URL has a path that it should not have. */
const UNKNOWN_OPERATION = "urn:mockserver:problem:unknown-operation";

/** Calls of the control plane: JSON in, JSON out, problems as errors. */
export class Connection {
  /** Where the server is, without a slash at its end. */
  readonly url: string;
  readonly #headers: Record<string, string>;
  readonly #timeout: number;

  /** Throws a `TypeError` for what is not the URL of a server. */
  constructor(url: string | URL, options: Options = {}) {
    this.url = located(url);
    this.#headers = options.token ? { Authorization: `Bearer ${options.token}` } : {};
    this.#timeout = options.timeout ?? TIMEOUT;
  }

  /** The answer's JSON. Rejects with `ProblemAnswered` for a refusal, `NoAnswer` where no mock server is, or no whole answer came. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { ok, status, media, text } = await this.#fetched(method, this.url + path, body);
    const json = /^application\/(problem\+)?json\b/.test(media) ? parsed(text) : undefined;
    if (ok && json !== undefined) return json as T;
    if (!isProblem(json)) {
      throw new NoAnswer(`expected JSON of a mock server from ${this.url}${path}, got ${status}, ${media}`);
    }
    if (json.type !== UNKNOWN_OPERATION) throw new ProblemAnswered(json);
    throw new NoAnswer(`expected a mock server's control plane at ${this.url}, without the API's own path, got: ${json.detail}`);
  }

  async #fetched(method: string, url: string, body: unknown) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const typed = body === undefined ? {} : { "Content-Type": "application/json" };
    try {
      const signal = AbortSignal.timeout(this.#timeout);
      const answer = await fetch(url, { method, headers: { ...this.#headers, ...typed }, signal, ...json });
      const text = await answer.text();
      return { ok: answer.ok, status: answer.status, media: answer.headers.get("content-type") ?? "none", text };
    } catch (error) {
      throw new NoAnswer(`expected a mock server at ${this.url}, got no answer: ${this.#reason(error)}`, { cause: error });
    }
  }

  /** Node says only "fetch failed", and why in the error's cause. */
  #reason(error: unknown): string {
    const { cause, message, name } = error as { cause?: { code?: string; message?: string }; message?: string; name?: string };
    if (name === "TimeoutError") return `none within ${this.#timeout} ms`;
    const code = cause?.code?.startsWith("UND_") ? undefined : cause?.code;
    return code ?? cause?.message ?? message ?? String(error);
  }
}

/** A server's URL as text, without a slash at its end. */
function located(url: string | URL): string {
  const told = String(url);
  const refused = () => new TypeError(`expected the URL of a mock server, such as http://localhost:8080, got ${JSON.stringify(told)}`);
  try {
    const { protocol, username, search, hash } = new URL(told);
    if (!/^https?:$/.test(protocol) || username || search || hash) throw refused();
  } catch {
    throw refused();
  }
  return told.replace(/\/+$/, "");
}

/** `undefined` for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(json: unknown): json is Problem {
  return String((json as Partial<Problem> | null | undefined)?.type).startsWith("urn:mockserver:problem:");
}
