/** A client of a mock server's admin API, for tests of frontends: `connect(url).sandbox(sandboxFor(testInfo))`. */

export { connect } from "./connect.js";
export type { MockServer } from "./connect.js";
export type { Options } from "./connection.js";
export { NoResponse, ProblemError, UnmatchedFound, ViolationsFound } from "./errors.js";
export { sandboxFor } from "./names.js";
export type { TestLike } from "./names.js";
export type { Sandbox } from "./sandbox.js";
export type { SandboxClock } from "./clock.js";
export type { SandboxRecords } from "./records.js";
export type {
  Clock,
  Exchange,
  SandboxExport,
  Filters,
  SandboxImport,
  NearMiss,
  Overrides,
  Problem,
  Progression,
  Scenario,
  SandboxRecord,
  Transition,
  Violation,
} from "./types.js";
