local none = '0000000000000000'

-- Numbers of scripts are doubles, exact up to 2^53. A history ends a little before, as does one whose sequence cannot be read.
local last_sequence = 9007199250000000
local function is_used_up(sequence)
  local number = tonumber(sequence or '')
  return not number or not (number >= 0 and number < last_sequence)
end

-- '?' if the server hides it, or lets no script ask.
local function info(section, field)
  local reply = redis.pcall('INFO', section)
  local at = type(reply) == 'string' and string.find(reply, field .. ':', 1, true) -- a pattern from the beginning takes as long as INFO itself
  return at and string.match(reply, '^%x+', at + #field + 1) or '?'
end

-- The run of the server that executes this, whichever connection was told of another: a promoted or restarted server is a new one.
local run = string.byte(ARGV[1]) == 63 and '?' or info('server', 'run_id')

-- The log is split for as long as its keys live: a node with another number would look for keys elsewhere.
local partitions = string.match(ARGV[1], '%d+') or '1'

-- Keys of a log that nobody opens any more go by themselves: long after every value, every lease and every node that was confirmed.
local function life_of_log(longest, serves)
  return text(math.max(604800000, 2 * (tonumber(longest) or 0), 2 * (tonumber(serves) or 0)))
end

local function keep(life)
  for i = 1, 6 do redis.call('PEXPIRE', KEYS[i], life) end
end

-- Two hashes of versions take turns. Whatever was told of them before is forgotten.
local function begin_versions(generation, life)
  local now = text(milliseconds())
  redis.call('UNLINK', KEYS[5], KEYS[6])
  redis.call('HSET', KEYS[5], '_', generation)
  redis.call('HSET', KEYS[6], '_', generation)
  redis.call('HSET', ctl, 'versions', '0', 'versions_at', now, 'versions_since', now)
  redis.call('PEXPIRE', KEYS[5], life)
  redis.call('PEXPIRE', KEYS[6], life)
end

-- A new history: nothing of the old one stays but values and leases, which name their generation and are dead, and the longest time
-- that a node of it may still serve. Returns what an append reads of the control hash: run, gen, seq, last, caches, broad, tags.
local function new_generation(generation)
  local old = redis.pcall('HMGET', ctl, 'serves', 'served_before')
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
  keep(life)
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
