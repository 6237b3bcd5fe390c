/** A running test; Playwright's `testInfo` is one. */
export interface TestLike {
  /** File, groups and title. */
  titlePath: readonly string[];
  /** The line of the test in its file. */
  line?: number | undefined;
  workerIndex?: number | undefined;
  retry?: number | undefined;
  repeatEachIndex?: number | undefined;
  /** Distinguishes runs that share one server: the number of the job. */
  run?: string | undefined;
}

/** The maximum length of a sandbox name. */
const MAX_LENGTH = 64;
const VALID = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${MAX_LENGTH - 1}}$`);
/** The maximum number of characters of a test's title. */
const MAX_TITLE_LENGTH = 1000;
/** The number of base-36 digits of a 64-bit number. */
const DIGITS = 13;

/** Return a sandbox name that no other test, worker or retry has. It starts with the title of the test, to be readable. Throws a `TypeError` without `titlePath`. */
export function sandboxFor(test: TestLike): string {
  validateTitlePath(test);
  const { titlePath, workerIndex = 0, retry = 0, repeatEachIndex = 0, run = "" } = test;
  const tag = hash(JSON.stringify([titlePath, workerIndex, retry, repeatEachIndex, run])).toString(36).padStart(DIGITS, "0");
  const title = slug(titlePath.at(-1) ?? "").slice(0, MAX_LENGTH - DIGITS - 1);
  return `${title || "test"}-${tag}`;
}

/** Return the full title of a test: `exports.spec.ts:41 › group › title`. */
export function titleOf({ titlePath, line }: TestLike): string {
  const [file = "", ...titles] = titlePath;
  const position = line === undefined ? file : `${file}:${line}`;
  const characters = [...[position, ...titles].join(" › ")];
  if (characters.length <= MAX_TITLE_LENGTH) return characters.join("");
  return `${characters.slice(0, MAX_TITLE_LENGTH - 1).join("")}…`;
}

/** Return the name if it is valid. Throws a `TypeError` for others, such as `undefined` or a name with a slash. */
export function validateSandboxName(name: string): string {
  if (typeof name === "string" && VALID.test(name)) return name;
  const text = JSON.stringify(name) ?? String(name);
  const expected = `1 to ${MAX_LENGTH} letters, digits, . _ or -, the first a letter or a digit`;
  throw new TypeError(`invalid sandbox name ${text}; expected ${expected}`);
}

/** Throw a `TypeError` if a test has no `titlePath`. Plain JavaScript has no types that prevent this. */
function validateTitlePath(test: TestLike | undefined): void {
  const titlePath: unknown = test?.titlePath;
  if (Array.isArray(titlePath) && titlePath.every((title) => typeof title === "string")) return;
  const text = JSON.stringify(titlePath) ?? String(titlePath);
  throw new TypeError(`expected a test such as { titlePath: ["file.test.js", "title"] }, got the titlePath ${text}`);
}

function slug(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** Return the 64-bit FNV-1a hash. Names are not secret, and the digests of browsers are asynchronous. */
function hash(text: string): bigint {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value;
}
