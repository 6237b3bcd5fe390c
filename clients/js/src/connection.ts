import { NoAnswer, ProblemAnswered } from "./errors.js";
import type { Problem } from "./shapes.js";

export interface Options {
  /** The admin token, for a server that has one. */
  token?: string;
}

/** Calls of the control plane: JSON in, JSON out, problems as errors. */
export class Connection {
  /** Where the server is, without a slash at its end. */
  readonly url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, options: Options = {}) {
    this.url = url.replace(/\/+$/, "");
    this.#headers = options.token ? { Authorization: `Bearer ${options.token}` } : {};
  }

  /** The answer's JSON. Rejects with `ProblemAnswered` for a refusal, `NoAnswer` where no mock server is. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.#fetched(method, this.url + path, body);
    const text = await answer.text();
    const media = answer.headers.get("content-type") ?? "none";
    if (!/^application\/(problem\+)?json\b/.test(media)) {
      throw new NoAnswer(`expected JSON of a mock server from ${this.url}${path}, got ${answer.status}, ${media}`);
    }
    if (!answer.ok) throw new ProblemAnswered(JSON.parse(text) as Problem);
    return JSON.parse(text) as T;
  }

  async #fetched(method: string, url: string, body: unknown): Promise<Response> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const typed = body === undefined ? {} : { "Content-Type": "application/json" };
    try {
      return await fetch(url, { method, headers: { ...this.#headers, ...typed }, ...json });
    } catch (error) {
      throw new NoAnswer(`expected a mock server at ${this.url}, got no answer: ${reason(error)}`, { cause: error });
    }
  }
}

/** Node says only "fetch failed", and why in the error's cause. */
function reason(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
