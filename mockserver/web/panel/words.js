/* Texts for values. */

const MAX_SEGMENT = 12;

/** The progression of a clock to when it changes states, in addition to API calls. */
export const PROGRESSIONS = {
  manual: "on API calls",
  time: "over time",
  polls: "on every GET",
};

/** Shorten a long id in a path or key: 5f3c1a9e-27d4-... becomes 5f3c…. */
function shortSegment(segment) {
  const isId = segment.length > MAX_SEGMENT && /\d/.test(segment);
  return isId ? `${segment.slice(0, 4)}…` : segment;
}

/** Shorten the long ids in a path or a record's key. */
export const short = (path) => path.split("/").map(shortSegment).join("/");

function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Describe the record overrides of a scenario: `exports: status finished`. */
function recordChanges(records) {
  const texts = [];
  for (const [collection, fields] of Object.entries(records)) {
    const changes = Object.entries(fields).map(([name, value]) => `${name} ${plain(value)}`);
    texts.push(`${collection}: ${changes.join(", ")}`);
  }
  return texts.join("; ");
}

function dataChange(value) {
  return value.count === undefined ? `${value} data` : counted(value.count, "record");
}

/** Describe seconds that are fixed, or random within limits. */
const seconds = (value) => (value.from === undefined ? value : `${value.from} to ${value.to}`);

function tokenChange(features) {
  if (!Array.isArray(features)) return `${features} token`;
  return `token with ${features.join(", ") || "no feature"}`;
}

/** Key of a scenario to a function that describes its value. */
const DESCRIPTIONS = {
  status: (value) => `status ${value}`,
  example: (value) => `example ${value}`,
  records: recordChanges,
  data: dataChange,
  delay: (value) => `delay ${seconds(value)} s`,
  fault: (value) => `fault ${plain(value)}`,
  response: (value) => `undocumented status ${value.status}`,
  token_features: tokenChange,
  progression: (value) => `states change ${PROGRESSIONS[value]}`,
  sequence: (value) => `sequence of ${value.length}`,
  repeat: () => "repeated",
  every: (value) => `on 1 of ${counted(value, "request")}`,
  probability: (value) => `probability ${value}`,
  after: (value) => `after ${counted(value, "request")}`,
  times: (value) => `next ${value}`,
};

/** Describe what a scenario does: its definition with the current overrides. */
export function effectsOf(scenario) {
  const definition = { ...scenario, ...scenario.overrides };
  const effects = [];
  for (const [key, describe] of Object.entries(DESCRIPTIONS)) {
    const value = definition[key];
    if (![undefined, null, false, 0].includes(value)) effects.push(describe(value));
  }
  return effects;
}

/** `1 record`, `2 records`. */
export function counted(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}

/** Return the local time of day of a Unix time in seconds. */
export const timeOfDay = (seconds) => new Date(seconds * 1000).toTimeString().slice(0, 8);

/** Format a duration in milliseconds. */
export function duration(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Format a number of seconds: `1 h 2 min`. */
export function span(seconds) {
  const units = { d: 86400, h: 3600, min: 60, s: 1 };
  const parts = [];
  let rest = seconds;
  for (const [unit, size] of Object.entries(units)) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count) parts.push(`${count} ${unit}`);
  }
  return parts.join(" ") || "0 s";
}

/** Return the value at a dotted path in a record; undefined if it does not exist. */
export function valueAt(record, path) {
  return path.split(".").reduce((value, name) => value?.[name], record);
}

/** Return the text of a table cell. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return value.toLocaleString("en", { useGrouping: false });
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
