-- run, generation, cache, key, token, life in milliseconds. Reply: nil, or the newest sequence.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'caches', 'caches_new', 'caches_from')
if not c[2] or c[2] ~= ARGV[2] or (c[1] ~= run and run ~= '?') then return false end
local place = base .. 'l:' .. ARGV[3] .. ':' .. ARGV[4]
local held = redis.call('GET', place)
if held and string.sub(held, -32) == c[2] then return false end
redis.call('SET', place, ARGV[5] .. ' ' .. c[3] .. ' ' .. c[2], 'PX', ARGV[6])
know_cache(c[4], c[5] or '', c[6] or '-1', c[3], ARGV[3])
return c[3]
