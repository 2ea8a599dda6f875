-- run, generation, cache, key, token, stamp, life in milliseconds, value. Reply: 1 = stored and the lease ended, 0 = refused.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'floor', 'newest_broad', 'longest', 'tags', 'tags_from', 'deps', 'seq', 'direct', 'caches_floor')
if not c[2] or c[2] ~= ARGV[2] or (c[1] ~= run and run ~= '?') then return 0 end
local name = ARGV[3] .. ':' .. ARGV[4]
local lease = redis.call('GET', base .. 'l:' .. name)
if not lease then return 0 end
local token, granted, generation = string.match(lease, '^(%S+) (%d+) (%x+)$')
local stamp = tonumber(ARGV[6])
if token ~= ARGV[5] or generation ~= c[2] or stamp > tonumber(granted) or tonumber(granted) <= tonumber(c[11] or -1)
  or stamp < tonumber(c[3]) or stamp < tonumber(c[4]) or is_above(ARGV[8], 53, stamp, c[2], c[6], c[7], c[8], c[10], c[9], true) then
  return 0
end
redis.call('SET', base .. 'v:' .. name, ARGV[8], 'PX', ARGV[7])
redis.call('UNLINK', base .. 'l:' .. name)
if tonumber(ARGV[7]) > tonumber(c[5]) then redis.call('HSET', ctl, 'longest', ARGV[7]) end
return 1
