-- run, generation, token, newest sequence at the sweep's start. What was listed by then leaves the list. Reply: 1, or 0 = another generation.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'broad', 'deps', 'tags')
if not c[2] or c[2] ~= ARGV[2] or (c[1] ~= run and run ~= '?') then return 0 end
local newest, pattern = tonumber(ARGV[4]), 0
each_broad(c[3], function(seq, record)
  if seq <= newest and not string.find(record, '^%d+:allof:') then pattern = seq end
end)
-- Only the nodes can match patterns, and the sweep matched the keys of values, not those that the values were made from.
if c[4] and pattern > 0 then redis.call('HSET', base .. 'tags:' .. c[5], 't:\0', text(pattern)) end
redis.call('HSET', ctl, 'broad', broads_above(c[3], newest))
if redis.call('GET', base .. 'sweep') == ARGV[3] then redis.call('UNLINK', base .. 'sweep') end
return 1
