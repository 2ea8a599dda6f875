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

-- Two hashes of versions take turns. Whatever was told of them before is forgotten.
local function begin_versions(generation)
  local now = text(milliseconds())
  redis.call('UNLINK', base .. 'versions:0', base .. 'versions:1')
  redis.call('HSET', base .. 'versions:0', '_', generation)
  redis.call('HSET', base .. 'versions:1', '_', generation)
  redis.call('HSET', ctl, 'versions', '0', 'versions_at', now, 'versions_since', now)
end

-- A new history: nothing of the old one stays but values and leases, which name their generation and are dead. Returns what an append
-- reads of the control hash: run, gen, seq, last, caches, broad, tags.
local function new_generation(generation)
  redis.call('UNLINK', ctl, base .. 'log', base .. 'tags:0', base .. 'tags:1', base .. 'sweep')
  redis.call('HSET', ctl, 'run', run, 'replid', info('replication', 'master_replid'), 'gen', generation,
    'seq', '0', 'last', none, 'floor', '0', 'newest_broad', '0', 'broad', '', 'caches', '',
    'tags', '0', 'tags_from', '0', 'tags_floor', '0', 'tags_at', text(milliseconds()), 'longest', '0')
  redis.call('HSET', base .. 'tags:0', '_', generation)
  redis.call('HSET', base .. 'tags:1', '_', generation)
  begin_versions(generation)
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
