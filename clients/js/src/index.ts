/** The client of a mock server's control plane, for tests of frontends: `connect(url).sandbox(sandboxFor(testInfo))`. */

export { connect } from "./connect.js";
export type { MockServer } from "./connect.js";
export type { Options } from "./connection.js";
export { NoAnswer, ProblemAnswered, UnmatchedFound, ViolationsFound } from "./errors.js";
export { sandboxFor } from "./names.js";
export type { TestLike } from "./names.js";
export type { Sandbox } from "./sandbox.js";
export type { SandboxClock } from "./clock.js";
export type { SandboxRecords } from "./records.js";
export type {
  Clock,
  Exchange,
  Exported,
  Filters,
  Importable,
  NearMiss,
  Overrides,
  Problem,
  Progression,
  Scenario,
  ShownRecord,
  Transition,
  Violation,
} from "./shapes.js";
