-- Appends a record and, in the same step, stores the value of a key as of this record.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 log, 5 versions:0, 6 versions:1, 7 sweep, 8 value, 9 value and lease of each key in each cache.
-- ARGV: 1 run, 2 command, 3 channel, 4 generation to begin if the history is broken, 5 stream length, 6 push limit, 7 caches, 8 generation of the node,
-- 9 cache, 10 key, 11 node, 12 link number, 13 stamp, 14 life in milliseconds, 15 value from byte 52 on, 16 the record.
-- Reply: generation, sequence of the record, id of the record before it, 1 = stored or 0 = refused;
-- or, if the version of the value is not above the highest version of the key: generation, sequence of that version, newest sequence, 2, and no change;
-- or, if ARGV[7] is not the list of caches, that list alone, and no change.
local node = 'node:' .. ARGV[11]
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', -- 1 to 5
  'broad', 'tags', 'replid', 'floor', 'newest_broad', -- 6 to 10
  'tags_from', 'longest', node, 'deps', 'versions', -- 11 to 15
  'versions_since', 'direct', 'caches_new', 'caches_from') -- 16 to 19
local may_store, deps = false, c[14]

-- The higher version of two: of the key's cell, and of the stored value, which was the highest at the time of storing. A value below the floor is no
-- evidence.
local function highest_version()
  local version, sequence, sure_from = version_cell(c[2], c[15], c[16], ARGV[9] .. ':' .. ARGV[10])
  local front = redis.pcall('GETRANGE', KEYS[8], 0, 91)
  local stamp = type(front) == 'string' and stamp_of(front, c[2])
  local stored = stamp and stamp >= tonumber(c[9]) and version_of(front, 53)
  if stored and (not version or stored > version) then return stored, text(stamp), '0' end
  return version, sequence, sure_from
end

local version, is_newest = version_of(ARGV[15], 1), true
if is_broken(c[1], c[8], c[2]) or is_used_up(c[3]) then
  c, deps = new_generation(ARGV[4]), nil
elseif c[5] ~= ARGV[7] then
  return { listed_caches(c[5]) }
else
  if version then
    local highest, sequence, sure_from = highest_version()
    if highest and highest >= version then return { c[2], sequence, c[3], 2 } end
    is_newest = sure_from and milliseconds() >= tonumber(sure_from)
  end
  -- A set that is executed late, on a connection that its node has abandoned, has an old link number.
  if is_newest and c[2] == ARGV[8] and c[13] and string.match(c[13], '^%d+') == ARGV[12] then
    local stamp = tonumber(ARGV[13])
    if stamp >= tonumber(c[9]) and stamp >= tonumber(c[10]) then
      local invalidated
      invalidated, deps = is_invalidated(ARGV[15], 1, stamp, c[2], c[7], c[11], deps, c[17], c[3], true)
      may_store = not invalidated
    end
  end
end
local first, before = append(c, deps, 16, 1, ARGV[5], ARGV[6], 9, keys_per_key(ARGV[7]))
if may_store then
  redis.call('SET', KEYS[8], 'UNS1' .. c[2] .. sixteen_digits(first) .. ARGV[15] .. ending(string.byte(ARGV[15], 6), ARGV[14], first), 'PX', ARGV[14])
  list_cache(c[5], c[18] or '', c[19] or '-1', first, ARGV[9])
  if tonumber(ARGV[14]) > tonumber(c[12]) then redis.call('HSET', ctl, 'longest', ARGV[14]) end
end
return { c[2], first, before, may_store and 1 or 0 }
