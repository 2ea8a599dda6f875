-- Stores a loaded value under the lease of its key.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 value, 5 lease.
-- ARGV: 1 run, 2 generation, 3 token, 4 stamp, 5 life in milliseconds, 6 value.
-- Reply: 1 = stored and the lease ended; 0 = refused.
local c = redis.call('HMGET', ctl, 'gen', 'floor', 'newest_broad', 'longest', 'tags', 'tags_from', 'deps', 'seq', 'direct', 'caches_floor')
if not c[1] or c[1] ~= ARGV[2] then return 0 end
local lease = redis.call('GET', KEYS[5])
if not lease then return 0 end
local token, granted, generation = string.match(lease, '^(%S+) (%d+) (%x+)$')
local stamp = tonumber(ARGV[4])
if token ~= ARGV[3] or generation ~= c[1] or stamp > tonumber(granted) or tonumber(granted) <= tonumber(c[10] or -1)
  or stamp < tonumber(c[2]) or stamp < tonumber(c[3]) or is_invalidated(ARGV[6], 53, stamp, c[1], c[5], c[6], c[7], c[9], c[8], true) then
  return 0
end
redis.call('SET', KEYS[4], ARGV[6] .. ending(string.byte(ARGV[6], 58), ARGV[5], stamp), 'PX', ARGV[5])
redis.call('UNLINK', KEYS[5])
if tonumber(ARGV[5]) > tonumber(c[4]) then redis.call('HSET', ctl, 'longest', ARGV[5]) end
return 1
