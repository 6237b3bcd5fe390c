/** What is known of a running test; Playwright's `testInfo` is one. */
export interface TestLike {
  /** File, groups and title. */
  titlePath: readonly string[];
  workerIndex?: number | undefined;
  retry?: number | undefined;
  repeatEachIndex?: number | undefined;
  /** Tells runs apart that share one server: the job's number. */
  run?: string | undefined;
}

/** A sandbox's name has so many letters, digits, `.`, `_` and `-` at most, and starts with a letter or a digit. */
const LONGEST = 64;
const VALID = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${LONGEST - 1}}$`);
/** As many digits of base 36 as 64 bits need. */
const DIGITS = 13;

/** The name of a sandbox that no other test, worker or retry has; it begins with the test's title, for people. */
export function sandboxFor(test: TestLike): string {
  const { titlePath, workerIndex = 0, retry = 0, repeatEachIndex = 0, run = "" } = test;
  const tag = hash(JSON.stringify([titlePath, workerIndex, retry, repeatEachIndex, run])).toString(36).padStart(DIGITS, "0");
  return `${slug(titlePath.at(-1) ?? "").slice(0, LONGEST - DIGITS - 1) || "test"}-${tag}`;
}

/** The name, if it can be one; throws a `TypeError` else, so that `undefined` is no sandbox, and a slash no path. */
export function checked(name: string): string {
  if (typeof name === "string" && VALID.test(name)) return name;
  const told = JSON.stringify(name) ?? String(name);
  throw new TypeError(`expected the name of a sandbox, 1 to ${LONGEST} letters, digits, . _ or -, the first a letter or a digit, got ${told}`);
}

function slug(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** FNV-1a, 64 bits: names need no secret, and a browser's own digests are asynchronous. */
function hash(text: string): bigint {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value;
}
