-- run, generation to begin if the history is broken, stream length, push limit, generation at the call, cache, key, node, link number,
-- stamp at the call, life in milliseconds, value from byte 52 on, the record. Reply: generation, sequence, id before, 1 = value stored; or,
-- if this version of the key or a newer one is known and nothing was changed: generation, sequence of the record that told of it, newest
-- sequence, 2.
local node = 'node:' .. ARGV[8]
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'replid', 'floor', 'newest_broad', 'tags_from', 'longest', node, 'deps', 'versions', 'versions_since', 'direct', 'caches_new', 'caches_from')
local may, deps = false, c[14]
local place = base .. 'v:' .. ARGV[6] .. ':' .. ARGV[7]

-- The higher of the key's cell and the version of the value in place, which was the newest when it was stored. Below the floor it says nothing.
local function highest_version()
  local version, sequence, sure_from = version_cell(c[2], c[15], c[16], ARGV[6] .. ':' .. ARGV[7])
  local front = redis.pcall('GETRANGE', place, 0, 91)
  local stamp = type(front) == 'string' and stamp_of(front, c[2])
  local held = stamp and stamp >= tonumber(c[9]) and version_of(front, 53)
  if held and (not version or held > version) then return held, text(stamp), '0' end
  return version, sequence, sure_from
end

local version, is_newest = version_of(ARGV[12], 1), true
if is_broken(c[1], c[8], c[2]) or is_used_up(c[3]) then
  c, deps = new_generation(ARGV[2]), nil
else
  if version then
    local known, told_by, sure_from = highest_version()
    if known and known >= version then return { c[2], told_by, c[3], 2 } end
    is_newest = sure_from and milliseconds() >= tonumber(sure_from)
  end
  -- The link number fences a set that is executed late, on a connection that its node has given up.
  if is_newest and c[2] == ARGV[5] and c[13] and string.match(c[13], '^%d+') == ARGV[9] then
    local stamp = tonumber(ARGV[10])
    if stamp >= tonumber(c[9]) and stamp >= tonumber(c[10]) then
      local above
      above, deps = is_above(ARGV[12], 1, stamp, c[2], c[7], c[11], deps, c[17], c[3], true)
      may = not above
    end
  end
end
local first, before = append(c[2], c[3], c[4], c[5], c[6], c[7], deps, 13, 1, ARGV[3], ARGV[4])
if may then
  redis.call('SET', place, 'UNS1' .. c[2] .. string.format('%016.0f', tonumber(first)) .. ARGV[12], 'PX', ARGV[11])
  know_cache(c[5], c[18] or '', c[19] or '-1', first, ARGV[6])
  if tonumber(ARGV[11]) > tonumber(c[12]) then redis.call('HSET', ctl, 'longest', ARGV[11]) end
end
return { c[2], first, before, may and 1 or 0 }
