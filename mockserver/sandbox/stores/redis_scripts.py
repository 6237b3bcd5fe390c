"""What Redis runs as one step, in its Lua.

Keys, after the prefix: `state:NAME` (hash: version, state), `log:NAME` (list of entries), `used` (sorted set: NAME by Unix
time), `created` and `bytes` (hashes by NAME), `logged` (list of NAMEs, one for each entry, oldest first), `dropped` (a number).
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
# ZADD without CH counts the new ones only; with GT a slow clock of another host takes nothing back.

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
"""NAME, version before (empty: none), version after, state, Unix time, limit of sandboxes -> whether nobody was faster."""

DELETE = _USE + "return drop(ARGV[1])"
"""NAME -> how much there was to drop."""

APPEND = (
    _USE
    + """
local name, entry, now, exchanges, all, limit, again = unpack(ARGV)
local key = P..'log:'..name
if again == '1' and redis.call('LPOS', key, entry) then return end
redis.call('RPUSH', key, entry)
redis.call('LTRIM', key, -exchanges, -1)
redis.call('RPUSH', P..'logged', name)
if redis.call('LLEN', P..'logged') > tonumber(all) then
  redis.call('LPOP', P..'log:'..redis.call('LPOP', P..'logged'))
end
use(name, now, limit)
"""
)
"""NAME, entry, Unix time, limits of exchanges, of all exchanges and of sandboxes, whether it may be there already."""
