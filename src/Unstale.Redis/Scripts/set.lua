-- KEYS: ctl, tags:0, tags:1, log, versions:0, versions:1, sweep, value, value and lease of each key in each cache.
-- run, command, channel, generation to begin if the history is broken, stream length, push limit, caches, generation at the call, cache, key, node,
-- link number, stamp at the call, life in milliseconds, value from byte 52 on, the record. Reply: generation, sequence, id before, 1 = value
-- stored; or, if this version of the key or a newer one is known and nothing was changed: generation, sequence of the record that told of it,
-- newest sequence, 2; or the caches alone, if others were named: nothing was changed.
local node = 'node:' .. ARGV[11]
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'replid', 'floor', 'newest_broad', 'tags_from', 'longest', node, 'deps', 'versions', 'versions_since', 'direct', 'caches_new', 'caches_from')
local may, deps = false, c[14]

-- The higher of the key's cell and the version of the value in place, which was the newest when it was stored. Below the floor it says nothing.
local function highest_version()
  local version, sequence, sure_from = version_cell(c[2], c[15], c[16], ARGV[9] .. ':' .. ARGV[10])
  local front = redis.pcall('GETRANGE', KEYS[8], 0, 91)
  local stamp = type(front) == 'string' and stamp_of(front, c[2])
  local held = stamp and stamp >= tonumber(c[9]) and version_of(front, 53)
  if held and (not version or held > version) then return held, text(stamp), '0' end
  return version, sequence, sure_from
end

local version, is_newest = version_of(ARGV[15], 1), true
if is_broken(c[1], c[8], c[2]) or is_used_up(c[3]) then
  c, deps = new_generation(ARGV[4]), nil
elseif c[5] ~= ARGV[7] then
  return { listed(c[5]) }
else
  if version then
    local known, told_by, sure_from = highest_version()
    if known and known >= version then return { c[2], told_by, c[3], 2 } end
    is_newest = sure_from and milliseconds() >= tonumber(sure_from)
  end
  -- The link number fences a set that is executed late, on a connection that its node has given up.
  if is_newest and c[2] == ARGV[8] and c[13] and string.match(c[13], '^%d+') == ARGV[12] then
    local stamp = tonumber(ARGV[13])
    if stamp >= tonumber(c[9]) and stamp >= tonumber(c[10]) then
      local above
      above, deps = is_above(ARGV[15], 1, stamp, c[2], c[7], c[11], deps, c[17], c[3], true)
      may = not above
    end
  end
end
local first, before = append(c, deps, 16, 1, ARGV[5], ARGV[6], 9, keys_for_each(ARGV[7]))
if may then
  redis.call('SET', KEYS[8], 'UNS1' .. c[2] .. sixteen(first) .. ARGV[15] .. ending(string.byte(ARGV[15], 6), ARGV[14], first), 'PX', ARGV[14])
  know_cache(c[5], c[18] or '', c[19] or '-1', first, ARGV[9])
  if tonumber(ARGV[14]) > tonumber(c[12]) then redis.call('HSET', ctl, 'longest', ARGV[14]) end
end
return { c[2], first, before, may and 1 or 0 }
