-- KEYS: ctl, tags:0, tags:1, value.
-- run, generation. Reply: nil, or value, newest sequence, milliseconds left, broad records above the value's stamp.
local c = redis.call('HMGET', ctl, 'gen', 'seq', 'floor', 'broad', 'tags', 'tags_from', 'deps', 'direct', 'caches_floor')
if not c[1] or c[1] ~= ARGV[2] then return false end
local value = redis.call('GET', KEYS[4])
if not value then return false end
local stamp = stamp_of(value, c[1])
if not stamp or stamp < tonumber(c[3]) or stamp <= tonumber(c[9] or -1) or is_above(value, 53, stamp, c[1], c[5], c[6], c[7], c[8], c[2]) then return false end
return { value, c[2], redis.call('PTTL', KEYS[4]), c[4] == '' and '' or broads_above(c[4], stamp) }
