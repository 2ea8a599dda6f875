local none = '0000000000000000'

-- Numbers of scripts are doubles, exact up to 2^53. A history ends a little before, as does one whose sequence cannot be read.
local last_sequence = 9007199250000000
local function is_used_up(sequence)
  local number = tonumber(sequence or '')
  return not number or not (number >= 0 and number < last_sequence)
end

local function info(section, field)
  local reply = redis.pcall('INFO', section)
  if type(reply) ~= 'string' then return '?' end
  return string.match(reply, field .. ':(%x+)') or '?'
end

-- Keys of a log that nobody opens any more go by themselves: long after every value, every lease and every node that was confirmed.
local function life_of_log(longest, serves)
  return text(math.max(604800000, 2 * (tonumber(longest) or 0), 2 * (tonumber(serves) or 0)))
end

local function keep(life)
  for _, name in ipairs({ 'ctl', 'log', 'tags:0', 'tags:1', 'versions:0', 'versions:1' }) do
    redis.call('PEXPIRE', base .. name, life)
  end
end

-- Two hashes of versions take turns. Whatever was told of them before is forgotten.
local function begin_versions(generation, life)
  local now = text(milliseconds())
  redis.call('UNLINK', base .. 'versions:0', base .. 'versions:1')
  redis.call('HSET', base .. 'versions:0', '_', generation)
  redis.call('HSET', base .. 'versions:1', '_', generation)
  redis.call('HSET', ctl, 'versions', '0', 'versions_at', now, 'versions_since', now)
  redis.call('PEXPIRE', base .. 'versions:0', life)
  redis.call('PEXPIRE', base .. 'versions:1', life)
end

-- A new history: nothing of the old one stays but values and leases, which name their generation and are dead, and the longest time
-- that a node of it may still serve. Returns what an append reads of the control hash: run, gen, seq, last, caches, broad, tags.
local function new_generation(generation)
  local old = redis.pcall('HMGET', ctl, 'serves', 'served_before')
  local served = math.max(tonumber(old[1] or 0) or 0, tonumber(old[2] or 0) or 0)
  local now, life = text(milliseconds()), life_of_log(0, served)
  redis.call('UNLINK', ctl, base .. 'log', base .. 'tags:0', base .. 'tags:1', base .. 'sweep')
  redis.call('HSET', ctl, 'run', run, 'replid', info('replication', 'master_replid'), 'gen', generation,
    'seq', '0', 'last', none, 'floor', '0', 'newest_broad', '0', 'broad', '', 'caches', '',
    'caches_new', '', 'caches_from', '-1', 'caches_floor', '-1', 'caches_at', now,
    'tags', '0', 'tags_from', '0', 'tags_floor', '0', 'tags_at', now, 'longest', '0',
    'confirmed', now, 'served_before', text(served), 'nodes_at', now, 'kept_at', now)
  redis.call('HSET', base .. 'tags:0', '_', generation)
  redis.call('HSET', base .. 'tags:1', '_', generation)
  begin_versions(generation, life)
  keep(life)
  return { run, generation, '0', none, '', '', '0' }
end

-- Asks the server itself who it is: a promoted or restarted one is another, whatever the connection was told.
local function is_broken(stored_run, stored_replid, generation)
  if not generation then return true end
  if run ~= '?' then
    if ARGV[1] ~= '' then
      local actual = info('server', 'run_id')
      if actual ~= '?' then run = actual end
    end
    if stored_run ~= run then return true end
  end
  local replid = info('replication', 'master_replid')
  return replid ~= '?' and stored_replid ~= '?' and stored_replid ~= replid
end
