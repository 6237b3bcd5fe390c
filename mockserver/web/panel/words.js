/* Texts for values. */

const MAX_SEGMENT = 12;

/** Shorten a long id in a path or key: 5f3c1a9e-27d4-... becomes 5f3c…. */
const shortSegment = (segment) => (segment.length > MAX_SEGMENT && /\d/.test(segment) ? `${segment.slice(0, 4)}…` : segment);

/** Shorten the long ids in a path or a record's key. */
export const short = (path) => path.split("/").map(shortSegment).join("/");

const members = (object) => Object.entries(object).map(([name, value]) => `${name} ${plain(value)}`);
const recordChanges = (records) => Object.entries(records).map(([collection, changes]) => `${collection}: ${members(changes).join(", ")}`);
const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** Key of a scenario to a function that describes its value. */
const DESCRIPTIONS = {
  status: (value) => `status ${value}`,
  example: (value) => `example ${value}`,
  records: (value) => recordChanges(value).join("; "),
  data: (value) => `${plain(value)} data`,
  delay: (value) => `delay ${plain(value)} s`,
  fault: (value) => `fault ${plain(value)}`,
  times: (value) => `next ${value}`,
};

/** Describe what a scenario does: its definition with the current overrides. */
export function effectsOf(scenario) {
  const definition = { ...scenario, ...scenario.overrides };
  const isSet = (key) => definition[key] !== undefined && definition[key] !== null && definition[key] !== 0;
  return Object.keys(DESCRIPTIONS).filter(isSet).map((key) => DESCRIPTIONS[key](definition[key]));
}

/** `1 record`, `2 records`. */
export const counted = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

/** Return the local time of day of a Unix time in seconds. */
export const timeOfDay = (seconds) => new Date(seconds * 1000).toTimeString().slice(0, 8);

/** Format a duration in milliseconds. */
export const duration = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Format a number of seconds: `1 h 2 min`. */
export function span(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const parts = units.map(([unit, size], index) => [Math.floor((index ? seconds % units[index - 1][1] : seconds) / size), unit]);
  return parts.filter(([count]) => count).map((part) => part.join(" ")).join(" ") || "0 s";
}

/** Return the value at a dotted path in a record; undefined if it does not exist. */
export const valueAt = (record, path) => path.split(".").reduce((value, name) => value?.[name], record);

/** Return the text of a table cell. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return value.toLocaleString("en", { useGrouping: false });
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
