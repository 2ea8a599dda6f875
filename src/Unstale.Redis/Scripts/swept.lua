-- run, generation, token, newest sequence at the sweep's start. What was listed by then leaves the list. Reply: 1, or 0 = another generation.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'broad')
if not c[2] or c[2] ~= ARGV[2] or (c[1] ~= run and run ~= '?') then return 0 end
redis.call('HSET', ctl, 'broad', broads_above(c[3], tonumber(ARGV[4])))
if redis.call('GET', base .. 'sweep') == ARGV[3] then redis.call('UNLINK', base .. 'sweep') end
return 1
