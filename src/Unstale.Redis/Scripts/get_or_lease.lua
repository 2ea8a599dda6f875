-- Returns a valid value, or grants the lease of the key.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 value, 5 lease.
-- ARGV: 1 run, 2 generation, 3 cache, 4 'value' or 'lease' or 'both', 5 token, 6 life of the lease in milliseconds,
-- 7 bytes 36 to 55 of a value to exclude.
-- Reply: value, newest sequence, remaining life in milliseconds, selectors above the stamp of the value;
-- or the newest sequence alone = the lease is granted; or nil = neither.
local c = redis.call('HMGET', ctl, 'gen', 'seq', 'floor', 'broad', 'tags', 'tags_from', 'deps', 'direct', 'caches_floor')
if not c[1] or c[1] ~= ARGV[2] then return false end
local value = ARGV[4] ~= 'lease' and redis.call('GET', KEYS[4])
local stamp = value and string.sub(value, 37, 56) ~= ARGV[7] and stamp_of(value, c[1])
if stamp and stamp >= tonumber(c[3]) and stamp > tonumber(c[9] or -1) and not is_invalidated(value, 53, stamp, c[1], c[5], c[6], c[7], c[8], c[2]) then
  local selectors = c[4] == '' and '' or selectors_above(c[4], stamp)
  if selectors == '' then confirm(value, c[2]) end
  return { value, c[2], redis.call('PTTL', KEYS[4]), selectors }
end
if ARGV[4] == 'value' then return false end
local held = redis.call('GET', KEYS[5])
if held and string.sub(held, -32) == c[1] then return false end
redis.call('SET', KEYS[5], ARGV[5] .. ' ' .. c[2] .. ' ' .. c[1], 'PX', ARGV[6])
local k = redis.call('HMGET', ctl, 'caches', 'caches_new', 'caches_from')
list_cache(k[1], k[2] or '', k[3] or '-1', c[2], ARGV[3])
return c[2]
