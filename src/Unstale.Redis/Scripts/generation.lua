local none = '0000000000000000'

-- Numbers in scripts are doubles, exact up to 2^53. A history ends just below, and also at an unreadable sequence.
local last_sequence = 9007199250000000
local function is_used_up(sequence)
  local number = tonumber(sequence or '')
  return not number or not (number >= 0 and number < last_sequence)
end

-- Hexadecimal field of INFO; '?' if the server hides the field or denies INFO to scripts.
local function info(section, field)
  local reply = redis.pcall('INFO', section)
  local at = type(reply) == 'string' and string.find(reply, field .. ':', 1, true) -- a pattern over the whole reply costs as much as INFO itself
  return at and string.match(reply, '^%x+', at + #field + 1) or '?'
end

-- Run id of the server that executes the script. An id from the caller may be outdated, because a promoted or restarted server has a new id.
local run = string.byte(ARGV[1]) == 63 and '?' or info('server', 'run_id')

-- The number of partitions is fixed while the keys of the log exist. A node with another number would look up a key in another partition.
local partitions = string.match(ARGV[1], '%d+') or '1'

-- Time to live of the keys of a log, in milliseconds: a week, twice the longest life of a value, or twice the longest serves-for, whichever is longest.
-- An unused log therefore expires, but only after its values, its leases, and the time for which its nodes may serve.
local function life_of_log(longest, serves)
  return text(math.max(604800000, 2 * (tonumber(longest) or 0), 2 * (tonumber(serves) or 0)))
end

local function extend_life(life)
  for i = 1, 6 do redis.call('PEXPIRE', KEYS[i], life) end
end

-- Empties both version hashes, which alternate. No version reported before is remembered.
local function begin_versions(generation, life)
  local now = text(milliseconds())
  redis.call('UNLINK', KEYS[5], KEYS[6])
  redis.call('HSET', KEYS[5], '_', generation)
  redis.call('HSET', KEYS[6], '_', generation)
  redis.call('HSET', ctl, 'versions', '0', 'versions_at', now, 'versions_since', now)
  redis.call('PEXPIRE', KEYS[5], life)
  redis.call('PEXPIRE', KEYS[6], life)
end

-- Replaces the history by a new one. Values and leases remain; both contain their generation, so they are invalid. The longest serves-for of the old
-- generations also remains, because their nodes may still serve. Returns the fields that append() expects: run, gen, seq, last, caches, broad, tags.
local function new_generation(generation)
  local old = redis.pcall('HMGET', ctl, 'serves', 'served_before') -- fails if the key has another type, which repair replaces
  local served = math.max(tonumber(old[1] or 0) or 0, tonumber(old[2] or 0) or 0)
  local now, life = text(milliseconds()), life_of_log(0, served)
  redis.call('UNLINK', ctl, KEYS[2], KEYS[3], KEYS[4], KEYS[7])
  redis.call('HSET', ctl, 'run', run, 'replid', info('replication', 'master_replid'), 'gen', generation,
    'seq', '0', 'last', none, 'floor', '0', 'newest_broad', '0', 'broad', '', 'caches', '',
    'caches_new', '', 'caches_from', '-1', 'caches_floor', '-1', 'caches_at', now,
    'tags', '0', 'tags_from', '0', 'tags_floor', '0', 'tags_at', now, 'longest', '0',
    'confirmed', now, 'served_before', text(served), 'nodes_at', now, 'kept_at', now, 'partitions', partitions)
  redis.call('HSET', KEYS[2], '_', generation)
  redis.call('HSET', KEYS[3], '_', generation)
  begin_versions(generation, life)
  extend_life(life)
  return { run, generation, '0', none, '', '', '0' }
end

local function is_other_run(stored_run)
  return run ~= '?' and stored_run ~= run
end

local function is_broken(stored_run, stored_replid, generation)
  if not generation or is_other_run(stored_run) then return true end
  local replid = info('replication', 'master_replid')
  return replid ~= '?' and stored_replid ~= '?' and stored_replid ~= replid
end
