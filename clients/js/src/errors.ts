import type { Exchange, Problem, Violation } from "./shapes.js";

/** The mock server refused a call; the message is its problem's sentence, with the type. */
export class ProblemAnswered extends Error {
  override readonly name = "ProblemAnswered";

  constructor(readonly problem: Problem) {
    const lines = (problem.violations ?? []).map(sentence).filter((each) => !problem.detail.includes(each)).map((each) => `\n  ${each}`);
    const known = problem.scenarios ? `; expected one of ${problem.scenarios.join(", ")}` : "";
    super(`${problem.title}: ${problem.detail}${known} (${problem.type})${lines.join("")}`);
  }

  /** `urn:mockserver:problem:...`; what to compare with in a test. */
  get type(): string {
    return this.problem.type;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** There is no mock server where one was expected: nothing answered, not in time, or something else did. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** Messages broke the contract. */
export class ViolationsFound extends Error {
  override readonly name = "ViolationsFound";

  constructor(
    sandbox: string,
    readonly exchanges: readonly Exchange[],
  ) {
    const told = exchanges.flatMap((exchange) => [
      `\n  ${exchange.method} ${exchange.path}${exchange.query && `?${exchange.query}`} -> ${exchange.status}`,
      ...exchange.violations.map((each) => `\n    ${sentence(each)}`),
    ]);
    super(`expected no violation in sandbox ${sandbox}, got ${exchanges.length} exchange(s) with one:${told.join("")}`);
  }
}

/** Requests found no operation. */
export class UnmatchedFound extends Error {
  override readonly name = "UnmatchedFound";

  constructor(
    sandbox: string,
    readonly exchanges: readonly Exchange[],
  ) {
    const told = exchanges.flatMap(({ method, path, status, near_misses = [] }) => [
      `\n  ${method} ${path} -> ${status}`,
      ...near_misses.slice(0, 1).map((near) => `\n    closest: ${near.method} ${near.uri_template}: ${near.differences.join("; ")}`),
    ]);
    super(`expected no unmatched request in sandbox ${sandbox}, got ${exchanges.length}:${told.join("")}`);
  }
}

function sentence(violation: Violation): string {
  return `${violation.pointer || "/"}: expected ${violation.expected}, got ${violation.actual}`;
}
