-- KEYS: ctl, tags:0, tags:1, value, lease.
-- run, generation, cache, 'value' or 'lease' or 'both', token, life in milliseconds, bytes 36 to 55 of a stored value that is not wanted. Reply: nil;
-- or value, newest sequence, milliseconds left, broad records above the value's stamp; or, if the lease was granted, the newest sequence.
local c = redis.call('HMGET', ctl, 'gen', 'seq', 'floor', 'broad', 'tags', 'tags_from', 'deps', 'direct', 'caches_floor')
if not c[1] or c[1] ~= ARGV[2] then return false end
local value = ARGV[4] ~= 'lease' and redis.call('GET', KEYS[4])
local stamp = value and string.sub(value, 37, 56) ~= ARGV[7] and stamp_of(value, c[1])
if stamp and stamp >= tonumber(c[3]) and stamp > tonumber(c[9] or -1) and not is_above(value, 53, stamp, c[1], c[5], c[6], c[7], c[8], c[2]) then
  local broads = c[4] == '' and '' or broads_above(c[4], stamp)
  if broads == '' then confirm(value, c[2]) end
  return { value, c[2], redis.call('PTTL', KEYS[4]), broads }
end
if ARGV[4] == 'value' then return false end
local held = redis.call('GET', KEYS[5])
if held and string.sub(held, -32) == c[1] then return false end
redis.call('SET', KEYS[5], ARGV[5] .. ' ' .. c[2] .. ' ' .. c[1], 'PX', ARGV[6])
local k = redis.call('HMGET', ctl, 'caches', 'caches_new', 'caches_from')
know_cache(k[1], k[2] or '', k[3] or '-1', c[2], ARGV[3])
return c[2]
