-- Confirms a node, and returns the records above its cursor.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 log, 5 versions:0, 6 versions:1.
-- ARGV: 1 run, 2 generation, 3 cursor, 4 id at the cursor, 5 own sequence, 6 own id, 7 node, 8 link number, 9 serves-for, 10 page size, 11 most behind,
-- 12 confirms (0 = no).
-- Reply: 'records', generation, newest sequence, newest id, list of selectors, entries, server's clock;
-- or, if the log is in another generation: 'other', generation, newest sequence, newest id, list of selectors, server's clock;
-- or 'broken', generation or ''; or 'superseded' = the node has a newer link; or 'partitions', number of partitions of the log.
-- Each of the first two replies follows a write: a server that must no longer be trusted refuses writes, and so cannot confirm a node.
local generation, cursor = ARGV[2], tonumber(ARGV[3])
local node, link = 'node:' .. ARGV[7], tonumber(ARGV[8])
local c = redis.call('HMGET', ctl, 'run', 'replid', 'gen', 'seq', 'last', -- 1 to 5
  'broad', 'tags', 'tags_from', 'tags_at', 'longest', -- 6 to 10
  node, 'versions', 'versions_at', 'confirmed', 'serves', -- 11 to 15
  'caches_new', 'caches_from', 'caches_at', 'nodes_at', 'kept_at', 'partitions') -- 16 to 21
if c[3] and (c[21] or '1') ~= partitions then return { 'partitions', c[21] or '1' } end
local unsure, newest_link = string.match(c[11] or '', '^(%??)(%d+)')
newest_link = tonumber(newest_link)
if newest_link and newest_link > link then return { 'superseded' } end
if is_broken(c[1], c[2], c[3]) or is_used_up(c[4]) then return { 'broken', c[3] or '' } end

local seq, now = tonumber(c[4]), milliseconds()

-- The history is broken if no node has confirmed it for longer than a node may serve, or if the last confirmation is in the future of the server's
-- clock. Invalidations may have been appended on another server in the meantime, and no node remains to detect the loss. Only this guarantee depends on
-- a wall clock.
local age, serves = now - (tonumber(c[14] or '') or now + 1), tonumber(c[15] or 0)
if age < 0 or age > (serves > 0 and serves or 60000) then return { 'broken', c[3] } end

-- Id of the record at a sequence; nil if the stream no longer has the record.
local function id_at(sequence)
  if sequence == seq then return c[5] end
  local entry = redis.call('XRANGE', KEYS[4], '0-' .. text(sequence), '0-' .. text(sequence))[1]
  if not entry then return nil end
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'id' then return entry[2][i + 1] end
  end
  return ''
end

-- True if this history has another record at the sequence, or ends below.
local function is_other(sequence, id)
  if sequence > seq then return true end
  local here = sequence > 0 and id_at(sequence)
  return here and here ~= id
end

if c[3] == generation then
  local own = tonumber(ARGV[5])
  if is_other(cursor, ARGV[4]) or (own > 0 and is_other(own, ARGV[6])) then return { 'broken', c[3] } end
end

-- Two tag hashes alternate, so that both are bounded. If one is lost, both begin anew: the invalidations in it are unknown.
local hour, is_new = 3600000, false
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
elseif math.abs(now - c[9]) > math.max(hour, tonumber(c[10])) or redis.call('HLEN', current) > 1000000 then
  begin_hash(other)
  redis.call('HSET', ctl, 'tags', text(1 - c[7]), 'tags_floor', c[8], 'tags_from', c[4], 'tags_at', text(now))
end

-- Two version hashes alternate every ten minutes, also while no record reports a version.
local function is_lost(hash)
  return redis.call('HGET', KEYS[5 + hash], '_') ~= c[3]
end
if not c[12] or is_lost('0') or is_lost('1') then
  begin_versions(c[3], life_of_log(c[10], serves))
elseif math.abs(now - c[13]) > 600000 or redis.call('HLEN', KEYS[5 + c[12]]) > 1000000 then
  begin_hash(KEYS[6 - c[12]])
  redis.call('HSET', ctl, 'versions', text(1 - c[12]), 'versions_since', c[13], 'versions_at', text(now))
end

if not c[18] or math.abs(now - c[18]) > math.max(hour, tonumber(c[10])) then
  rotate_caches(c[16] or '', c[17] or '-1', c[4])
  redis.call('HSET', ctl, 'caches_at', text(now))
end

-- Nodes that ended without a removal of their entry.
local since_drop = math.abs(now - (c[19] or 0))
if since_drop > hour or (since_drop > 60000 and redis.call('HLEN', ctl) > 1000) then
  drop_nodes(now, since_drop > hour and hour or 60000)
  redis.call('HSET', ctl, 'nodes_at', text(now))
end

-- A node of this generation without an entry was dropped, together with its link number. The present link may be an older one, so the '?' in the entry
-- makes set refuse values over this link.
unsure = ((newest_link == link and unsure == '?') or (not newest_link and c[3] == generation)) and '?' or ''
serves = math.max(serves, tonumber(ARGV[9]))
local confirms = c[3] == generation and ARGV[12] ~= '0' -- a node of another generation does not confirm this history
redis.call('HSET', ctl, 'confirmed', confirms and text(now) or c[14], 'serves', text(serves),
  node, unsure .. ARGV[8] .. ' ' .. (generation == '' and '-' or generation) .. ' ' .. ARGV[3] .. ' ' .. ARGV[9] .. ' ' .. text(now))
if is_new or math.abs(now - (c[20] or 0)) > 600000 then
  extend_life(life_of_log(c[10], serves))
  redis.call('HSET', ctl, 'kept_at', text(now))
end
if c[3] ~= generation then return { 'other', c[3], c[4], c[5], c[6], text(now) } end
local entries = {}
if seq > cursor and seq - cursor <= tonumber(ARGV[11]) then
  entries = redis.call('XRANGE', KEYS[4], '(0-' .. text(cursor), '+', 'COUNT', ARGV[10])
end
return { 'records', c[3], c[4], c[5], c[6], entries, text(now) }
