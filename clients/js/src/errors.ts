import type { Exchange, Problem, Violation } from "./types.js";

/** The mock server responded with a problem; the message has its title, detail and type. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(readonly problem: Problem) {
    const sentences = (problem.violations ?? []).map(sentence).filter((text) => !problem.detail.includes(text));
    const lines = sentences.map((text) => `\n  ${text}`);
    super(`${problem.title}: ${problem.detail} (${problem.type})${lines.join("")}`);
  }

  /** `urn:mockserver:problem:...`; compare with this in a test. */
  get type(): string {
    return this.problem.type;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** No mock server responded: nothing did, it timed out, or something else responded. */
export class NoResponse extends Error {
  override readonly name = "NoResponse";
}

/** Messages broke the contract. */
export class ViolationsFound extends Error {
  override readonly name = "ViolationsFound";

  constructor(
    sandbox: string,
    readonly exchanges: readonly Exchange[],
  ) {
    const lines = exchanges.flatMap((exchange) => [
      `\n  ${exchange.method} ${exchange.path}${exchange.query && `?${exchange.query}`} -> ${exchange.status}`,
      ...exchange.violations.map((violation) => `\n    ${sentence(violation)}`),
    ]);
    super(`expected no violation in sandbox ${sandbox}, got ${exchanges.length} exchange(s) with one:${lines.join("")}`);
  }
}

/** Requests matched no operation. */
export class UnmatchedFound extends Error {
  override readonly name = "UnmatchedFound";

  constructor(
    sandbox: string,
    readonly exchanges: readonly Exchange[],
  ) {
    const lines = exchanges.flatMap(({ method, path, status, near_misses = [] }) => [
      `\n  ${method} ${path} -> ${status}`,
      ...near_misses.slice(0, 1).map((near) => `\n    closest: ${near.method} ${near.uri_template}: ${near.differences.join("; ")}`),
    ]);
    super(`expected no unmatched request in sandbox ${sandbox}, got ${exchanges.length}:${lines.join("")}`);
  }
}

function sentence(violation: Violation): string {
  return `${violation.pointer || "/"}: expected ${violation.expected}, got ${violation.actual}`;
}
