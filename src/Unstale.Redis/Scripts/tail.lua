-- KEYS: ctl, tags:0, tags:1, log, versions:0, versions:1.
-- run, generation, cursor, id at the cursor, own sequence, own id, node, link number, serves-for, page, most behind, 0 = confirms nothing.
-- It writes on purpose: a server that must not be trusted any more refuses writes, and so cannot confirm.
local generation, cursor = ARGV[2], tonumber(ARGV[3])
local node, link = 'node:' .. ARGV[7], tonumber(ARGV[8])
local c = redis.call('HMGET', ctl, 'run', 'replid', 'gen', 'seq', 'last', 'broad', 'tags', 'tags_from', 'tags_at', 'longest', node, 'versions', 'versions_at', 'confirmed', 'serves', 'caches_new', 'caches_from', 'caches_at', 'nodes_at', 'kept_at', 'partitions')
if c[3] and (c[21] or '1') ~= partitions then return { 'partitions', c[21] or '1' } end
local unsure, known = string.match(c[11] or '', '^(%??)(%d+)')
known = tonumber(known)
if known and known > link then return { 'superseded' } end
if is_broken(c[1], c[2], c[3]) or is_used_up(c[4]) then return { 'broken', c[3] or '' } end

local seq, now = tonumber(c[4]), milliseconds()

-- Nobody has confirmed this history for longer than a node may serve, or its last confirmation is in this server's future: invalidations may
-- have gone to another server meanwhile, and nobody is left who knows. The one place where a wall clock decides.
local age, serves = now - (tonumber(c[14] or '') or now + 1), tonumber(c[15] or 0)
if age < 0 or age > (serves > 0 and serves or 60000) then return { 'broken', c[3] } end

local function id_at(sequence)
  if sequence == seq then return c[5] end
  local entry = redis.call('XRANGE', KEYS[4], '0-' .. text(sequence), '0-' .. text(sequence))[1]
  if not entry then return nil end
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'id' then return entry[2][i + 1] end
  end
  return ''
end

-- True if this history has another record there, or has not come so far.
local function is_other(sequence, id)
  if sequence > seq then return true end
  local here = sequence > 0 and id_at(sequence)
  return here and here ~= id
end

if c[3] == generation then
  local own = tonumber(ARGV[5])
  if is_other(cursor, ARGV[4]) or (own > 0 and is_other(own, ARGV[6])) then return { 'broken', c[3] } end
end

-- Two hashes of tags take turns, so that both stay bounded. One that was lost takes what it knew with it.
local half, is_new = 3600000, false
local function begin_hash(hash)
  is_new = true
  redis.call('UNLINK', hash)
  redis.call('HSET', hash, '_', c[3])
end
local current, other = KEYS[2 + c[7]], KEYS[3 - c[7]]
if redis.call('HGET', current, '_') ~= c[3] or redis.call('HGET', other, '_') ~= c[3] then
  begin_hash(current)
  begin_hash(other)
  redis.call('HSET', ctl, 'tags_from', c[4], 'tags_floor', c[4], 'tags_at', text(now))
elseif math.abs(now - c[9]) > math.max(half, tonumber(c[10])) or redis.call('HLEN', current) > 1000000 then
  begin_hash(other)
  redis.call('HSET', ctl, 'tags', text(1 - c[7]), 'tags_floor', c[8], 'tags_from', c[4], 'tags_at', text(now))
end

-- Those of versions by age alone too, so that a version is known for ten minutes and an idle one goes.
local function is_lost(hash)
  return redis.call('HGET', KEYS[5 + hash], '_') ~= c[3]
end
if not c[12] or is_lost('0') or is_lost('1') then
  begin_versions(c[3], life_of_log(c[10], serves))
elseif math.abs(now - c[13]) > 600000 or redis.call('HLEN', KEYS[5 + c[12]]) > 1000000 then
  begin_hash(KEYS[6 - c[12]])
  redis.call('HSET', ctl, 'versions', text(1 - c[12]), 'versions_since', c[13], 'versions_at', text(now))
end

if not c[18] or math.abs(now - c[18]) > math.max(half, tonumber(c[10])) then
  turn_caches(c[16] or '', c[17] or '-1', c[4])
  redis.call('HSET', ctl, 'caches_at', text(now))
end

-- Nodes that ended without a word.
local nodes = math.abs(now - (c[19] or 0))
if nodes > half or (nodes > 60000 and redis.call('HLEN', ctl) > 1000) then
  drop_nodes(now, nodes > half and half or 60000)
  redis.call('HSET', ctl, 'nodes_at', text(now))
end

-- A node of this generation whose entry is gone was taken off the list, and with it the number of its link: sets over this one are
-- refused, for it may be an older one.
unsure = ((known == link and unsure == '?') or (not known and c[3] == generation)) and '?' or ''
serves = math.max(serves, tonumber(ARGV[9]))
local confirms = c[3] == generation and ARGV[12] ~= '0' -- only a node that stands in this history confirms it
redis.call('HSET', ctl, 'confirmed', confirms and text(now) or c[14], 'serves', text(serves),
  node, unsure .. ARGV[8] .. ' ' .. (generation == '' and '-' or generation) .. ' ' .. ARGV[3] .. ' ' .. ARGV[9] .. ' ' .. text(now))
if is_new or math.abs(now - (c[20] or 0)) > 600000 then
  keep(life_of_log(c[10], serves))
  redis.call('HSET', ctl, 'kept_at', text(now))
end
if c[3] ~= generation then return { 'other', c[3], c[4], c[5], c[6], text(now) } end
local entries = {}
if seq > cursor and seq - cursor <= tonumber(ARGV[11]) then
  entries = redis.call('XRANGE', KEYS[4], '(0-' .. text(cursor), '+', 'COUNT', ARGV[10])
end
return { 'records', c[3], c[4], c[5], c[6], entries, text(now) }
