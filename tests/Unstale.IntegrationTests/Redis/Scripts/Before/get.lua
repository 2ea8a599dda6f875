-- run, generation, cache, key. Reply: nil, or value, newest sequence, milliseconds left, broad records above the value's stamp.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'floor', 'broad', 'tags', 'tags_from', 'deps', 'direct', 'caches_floor')
if not c[2] or c[2] ~= ARGV[2] or (c[1] ~= run and run ~= '?') then return false end
local place = base .. 'v:' .. ARGV[3] .. ':' .. ARGV[4]
local value = redis.call('GET', place)
if not value then return false end
local stamp = stamp_of(value, c[2])
if not stamp or stamp < tonumber(c[4]) or stamp <= tonumber(c[10] or -1) or is_above(value, 53, stamp, c[2], c[6], c[7], c[8], c[9], c[3]) then return false end
return { value, c[3], redis.call('PTTL', place), c[5] == '' and '' or broads_above(c[5], stamp) }
