/* How values are put into words. */

const LONG = 12;

/** A segment of a path or key, cut where it is long: 5f3c1a9e-27d4-... is 5f3c…. */
const shortSegment = (segment) => (segment.length > LONG && /\d/.test(segment) ? `${segment.slice(0, 4)}…` : segment);

/** A path or a record's key, with its long ids cut. */
export const short = (path) => path.split("/").map(shortSegment).join("/");

const members = (all) => Object.entries(all).map(([name, value]) => `${name} ${plain(value)}`);
const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** Key of a scenario to what it does, in a few words. */
const WHAT = {
  status: (value) => `status ${value}`,
  example: (value) => `example ${value}`,
  records: (value) => Object.entries(value).map(([collection, each]) => `${collection}: ${members(each).join(", ")}`).join("; "),
  data: (value) => `${plain(value)} data`,
  delay: (value) => `delay ${plain(value)} s`,
  fault: (value) => `fault ${plain(value)}`,
  times: (value) => `next ${value}`,
};

/** What a scenario does as it is switched on now: its own file, with what the tester set over it. */
export function what(scenario) {
  const all = { ...scenario, ...scenario.overrides };
  return Object.keys(WHAT)
    .filter((key) => all[key] !== undefined && all[key] !== null && all[key] !== 0)
    .map((key) => WHAT[key](all[key]));
}

/** `1 record`, `2 records`. */
export const counted = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

/** The time of day of a Unix time in seconds, as the watch of who looks shows it. */
export const timeOfDay = (seconds) => new Date(seconds * 1000).toTimeString().slice(0, 8);

/** A duration in milliseconds. */
export const duration = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** A length in seconds: `1 h 2 min`. */
export function span(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const parts = units.map(([unit, size], index) => [Math.floor((index ? seconds % units[index - 1][1] : seconds) / size), unit]);
  return parts.filter(([count]) => count).map((part) => part.join(" ")).join(" ") || "0 s";
}

/** The value of a member of a record, named with dots; undefined where there is none. */
export const valueAt = (record, member) => member.split(".").reduce((value, step) => value?.[step], record);

/** A cell of a table. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return value.toLocaleString("en", { useGrouping: false });
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
