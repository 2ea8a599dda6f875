-- KEYS: ctl, tags:0, tags:1, sweep.
-- run, generation, token, newest sequence at the sweep's start, run of the server whose keys were scanned. What was listed by then leaves the list.
-- Reply: 1, or 0 = another generation, or keys of another server than that of the history.
local c = redis.call('HMGET', ctl, 'gen', 'broad', 'deps', 'tags', 'run')
if not c[1] or c[1] ~= ARGV[2] or is_other_run(c[5]) then return 0 end
if ARGV[5] ~= '?' and c[5] ~= '?' and ARGV[5] ~= c[5] then return 0 end
local newest, pattern = tonumber(ARGV[4]), 0
each_broad(c[2], function(seq, record)
  if seq <= newest and not string.find(record, '^%d+:allof:') then pattern = seq end
end)
-- Only the nodes can match patterns, and the sweep matched the keys of values, not those that the values were made from.
if c[3] and pattern > 0 then redis.call('HSET', KEYS[2 + c[4]], 't:\0', text(pattern)) end
redis.call('HSET', ctl, 'broad', broads_above(c[2], newest))
if redis.call('GET', KEYS[4]) == ARGV[3] then redis.call('UNLINK', KEYS[4]) end
return 1
