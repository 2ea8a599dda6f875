-- KEYS: ctl, tags:0, tags:1, sweep.
-- run, generation, token, newest sequence at the sweep's start. What was listed by then leaves the list. Reply: 1, or 0 = another generation.
local c = redis.call('HMGET', ctl, 'gen', 'broad', 'deps', 'tags')
if not c[1] or c[1] ~= ARGV[2] then return 0 end
local newest, pattern = tonumber(ARGV[4]), 0
each_broad(c[2], function(seq, record)
  if seq <= newest and not string.find(record, '^%d+:allof:') then pattern = seq end
end)
-- Only the nodes can match patterns, and the sweep matched the keys of values, not those that the values were made from.
if c[3] and pattern > 0 then redis.call('HSET', KEYS[2 + c[4]], 't:\0', text(pattern)) end
redis.call('HSET', ctl, 'broad', broads_above(c[2], newest))
if redis.call('GET', KEYS[4]) == ARGV[3] then redis.call('UNLINK', KEYS[4]) end
return 1
