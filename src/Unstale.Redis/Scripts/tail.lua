-- run, generation, cursor, id at the cursor, own sequence, own id, node, link number, serves-for, page, most behind.
-- It writes on purpose: a server that must not be trusted any more refuses writes, and so cannot confirm.
local generation, cursor = ARGV[2], tonumber(ARGV[3])
local node, link = 'node:' .. ARGV[7], tonumber(ARGV[8])
local c = redis.call('HMGET', ctl, 'run', 'replid', 'gen', 'seq', 'last', 'broad', 'tags', 'tags_from', 'tags_at', 'longest', node, 'versions', 'versions_at')
local known = c[11] and tonumber(string.match(c[11], '^%d+'))
if known and known > link then return { 'superseded' } end
if is_broken(c[1], c[2], c[3]) or is_used_up(c[4]) then return { 'broken', c[3] or '' } end

local seq, now = tonumber(c[4]), milliseconds()

local function id_at(sequence)
  if sequence == seq then return c[5] end
  local entry = redis.call('XRANGE', base .. 'log', '0-' .. text(sequence), '0-' .. text(sequence))[1]
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
local half = 3600000
local function begin_hash(hash)
  redis.call('UNLINK', hash)
  redis.call('HSET', hash, '_', c[3])
end
local current, other = base .. 'tags:' .. c[7], base .. 'tags:' .. (1 - c[7])
if redis.call('HGET', current, '_') ~= c[3] or redis.call('HGET', other, '_') ~= c[3] then
  begin_hash(current)
  begin_hash(other)
  redis.call('HSET', ctl, 'tags_from', c[4], 'tags_floor', c[4], 'tags_at', text(now))
elseif now - c[9] > math.max(half, tonumber(c[10])) or redis.call('HLEN', current) > 1000000 then
  begin_hash(other)
  redis.call('HSET', ctl, 'tags', text(1 - c[7]), 'tags_floor', c[8], 'tags_from', c[4], 'tags_at', text(now))
end

-- Those of versions by age alone too, so that a version is known for ten minutes and an idle one goes.
local function is_lost(hash)
  return redis.call('HGET', base .. 'versions:' .. hash, '_') ~= c[3]
end
if not c[12] or is_lost('0') or is_lost('1') then
  begin_versions(c[3])
elseif now - c[13] > 600000 or redis.call('HLEN', base .. 'versions:' .. c[12]) > 1000000 then
  begin_hash(base .. 'versions:' .. (1 - c[12]))
  redis.call('HSET', ctl, 'versions', text(1 - c[12]), 'versions_since', c[13], 'versions_at', text(now))
end

redis.call('HSET', ctl, node, ARGV[8] .. ' ' .. (generation == '' and '-' or generation) .. ' ' .. ARGV[3] .. ' ' .. ARGV[9] .. ' ' .. text(now))
if c[3] ~= generation then return { 'other', c[3], c[4], c[5], c[6] } end
local entries = {}
if seq > cursor and seq - cursor <= tonumber(ARGV[11]) then
  entries = redis.call('XRANGE', base .. 'log', '(0-' .. text(cursor), '+', 'COUNT', ARGV[10])
end
return { 'records', c[3], c[4], c[5], c[6], entries }
