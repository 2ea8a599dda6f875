-- Ends a sweep: the selectors up to ARGV[4] are removed from the list.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 sweep.
-- ARGV: 1 run, 2 generation, 3 token, 4 newest sequence at the beginning of the sweep, 5 run id of the scanned server.
-- Reply: 1 = removed; 0 = the log is in another generation, or the scanned server is not the server of the history.
local c = redis.call('HMGET', ctl, 'gen', 'broad', 'deps', 'tags', 'run', 'swept')
if not c[1] or c[1] ~= ARGV[2] or is_other_run(c[5]) then return 0 end
if ARGV[5] ~= '?' and c[5] ~= '?' and ARGV[5] ~= c[5] then return 0 end
local newest, pattern = tonumber(ARGV[4]), 0
each_selector(c[2], function(seq, record)
  if seq <= newest and not string.find(record, '^%d+:allof:') then pattern = seq end
end)
-- Only nodes can match a pattern, and the sweep matched the keys of values, not the keys that the values depend on.
if c[3] and pattern > 0 then redis.call('HSET', KEYS[2 + c[4]], 't:\0', text(pattern)) end
redis.call('HSET', ctl, 'broad', selectors_above(c[2], newest), 'swept', text(math.max(newest, tonumber(c[6] or '') or 0)))
if redis.call('GET', KEYS[4]) == ARGV[3] then redis.call('UNLINK', KEYS[4]) end
return 1
