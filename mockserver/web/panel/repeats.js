/* Groups of exchanges: a page that polls sends the same request again and again. */

/** Members of an exchange that are texts or numbers. */
const VALUES = [
  "method",
  "path",
  "query",
  "token",
  "status",
  "operation",
  "scenario",
  "fault",
  "reason",
  "request_body",
  "response_body",
];
/** Members of an exchange that are objects or lists. */
const STRUCTURES = ["transition", "violations", "notes"];

/** Return whether two exchanges have the same request and the same result. */
function isRepeat(exchange, other) {
  for (const name of VALUES) if (exchange[name] !== other[name]) return false;
  for (const name of STRUCTURES) {
    if (JSON.stringify(exchange[name]) !== JSON.stringify(other[name])) return false;
  }
  return true;
}

/** The id of an exchange to the key of its group, from the last call of `groupRepeats`. */
let keys = new Map();
let lastKey = 0;

/**
 * Group consecutive exchanges that are repeats of each other. Exchanges are ordered from the
 * newest to the oldest, and so are the groups. A group keeps its key while exchanges join it, and
 * while others leave the list.
 */
export function groupRepeats(exchanges) {
  const groups = [];
  for (const exchange of exchanges) {
    const group = groups.at(-1);
    if (group && isRepeat(exchange, group.exchanges[0])) group.exchanges.push(exchange);
    else groups.push({ exchanges: [exchange] });
  }
  const newKeys = new Map();
  const used = new Set();
  for (const group of groups.toReversed()) {
    group.key = knownKey(group, used) ?? String(++lastKey);
    used.add(group.key);
    for (const { id } of group.exchanges) newKeys.set(id, group.key);
  }
  keys = newKeys;
  return groups;
}

/** Return the key that exchanges of the group have had; undefined if another group has it now. */
function knownKey({ exchanges }, used) {
  const known = exchanges.map(({ id }) => keys.get(id));
  return known.findLast((key) => key !== undefined && !used.has(key));
}
