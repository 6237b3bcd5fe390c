"""Lua scripts, each of which Redis runs atomically.

Keys, after the prefix:

    state:NAME       hash: version, state
    log:NAME         sorted set: journal entries by Unix time
    used             sorted set: NAME by Unix time
    created, bytes   hashes by NAME
    logged           list of NAMEs, one for each journal entry, oldest first
    dropped          number of evicted sandboxes
    covered          sorted set: KEYs of the coverage by Unix time; those of the rests are last
    covered:KEY      set: the covered items
    coverage-generation, coverage-incomplete
"""

PREFIX = "mockserver:"

_USE = f"""
local P = '{PREFIX}'
local function drop(name)
  local there = redis.call('DEL', P..'state:'..name, P..'log:'..name)
  redis.call('HDEL', P..'created', name)
  redis.call('HDEL', P..'bytes', name)
  return there + redis.call('ZREM', P..'used', name)
end
local function use(name, now, limit)
  if redis.call('ZADD', P..'used', 'GT', now, name) == 1 then
    redis.call('HSET', P..'created', name, now)
    for _ = 1, redis.call('ZCARD', P..'used') - limit do
      drop(redis.call('ZRANGE', P..'used', 0, 0)[1])
      redis.call('INCR', P..'dropped')
    end
  end
end
"""
# ZADD without CH returns the number of new members only. With GT, a host whose clock is slow cannot
# replace a time by an earlier one.

CHANGE = (
    _USE
    + """
local name, before, version, state, now, limit = unpack(ARGV)
local key = P..'state:'..name
if (redis.call('HGET', key, 'version') or '') ~= before then return 0 end
redis.call('HSET', key, 'version', version, 'state', state)
redis.call('HSET', P..'bytes', name, #state)
use(name, now, limit)
return 1
"""
)
"""Replace a state, unless another process was faster.

Arguments: NAME, version before (empty for none), version after, state, Unix time, limit of
sandboxes.
Returns 1, or 0 if the version in Redis is not the one before.
"""

DELETE = _USE + "return drop(ARGV[1])"
"""Delete the sandbox NAME. Returns the number of deleted keys."""

APPEND = (
    _USE
    + """
local exchanges, all, limit = unpack(ARGV, 1, 3)
for i = 4, #ARGV, 3 do
  local name, now, entry = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local key = P..'log:'..name
  if redis.call('ZADD', key, now, entry) == 1 then
    redis.call('ZREMRANGEBYRANK', key, 0, -1 - exchanges)
    redis.call('RPUSH', P..'logged', name)
    if redis.call('LLEN', P..'logged') > tonumber(all) then
      redis.call('ZPOPMIN', P..'log:'..redis.call('LPOP', P..'logged'))
    end
    use(name, now, limit)
  end
end
"""
)
"""Append journal entries. An entry that an earlier attempt has appended is not appended again.

Arguments: the limits of entries in one sandbox, of all entries and of sandboxes; then NAME, Unix
time and JSON of each entry.
"""

ADD_COVERAGE = f"""
local P = '{PREFIX}'
local key, now, limit, incomplete = unpack(ARGV, 1, 4)
redis.call('ZADD', P..'covered', 'GT', now, key)
for i = 5, #ARGV do redis.call('SADD', P..'covered:'..key, ARGV[i]) end
if incomplete ~= '' then redis.call('SET', P..'coverage-incomplete', 1) end
for _ = 1, redis.call('ZCOUNT', P..'covered', '-inf', '(+inf') - limit do
  local oldest = redis.call('ZPOPMIN', P..'covered')[1]
  local rest = cjson.encode({{cjson.decode(oldest)[1], '', ''}})
  redis.call('SUNIONSTORE', P..'covered:'..rest, P..'covered:'..rest, P..'covered:'..oldest)
  redis.call('DEL', P..'covered:'..oldest)
  redis.call('ZADD', P..'covered', '+inf', rest)
end
"""
"""Add covered items, and merge the oldest keys into their rests.

Arguments: KEY (as JSON: contract, sandbox, test), Unix time, limit of keys, `1` if items were lost
before (else empty); then the items.
"""

CLEAR_COVERAGE = f"""
local P = '{PREFIX}'
for _, key in ipairs(redis.call('ZRANGE', P..'covered', 0, -1)) do
  redis.call('DEL', P..'covered:'..key)
end
redis.call('DEL', P..'covered', P..'coverage-incomplete')
redis.call('INCR', P..'coverage-generation')
"""
"""Delete the coverage, and begin another generation."""
