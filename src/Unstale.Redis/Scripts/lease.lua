-- KEYS: ctl, lease.
-- run, generation, cache, token, life in milliseconds. Reply: nil, or the newest sequence.
local c = redis.call('HMGET', ctl, 'gen', 'seq', 'caches', 'caches_new', 'caches_from')
if not c[1] or c[1] ~= ARGV[2] then return false end
local held = redis.call('GET', KEYS[2])
if held and string.sub(held, -32) == c[1] then return false end
redis.call('SET', KEYS[2], ARGV[4] .. ' ' .. c[2] .. ' ' .. c[1], 'PX', ARGV[5])
know_cache(c[3], c[4] or '', c[5] or '-1', c[2], ARGV[3])
return c[2]
