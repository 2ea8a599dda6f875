-- run, cache, key, token, life in milliseconds. Reply: 1 = prolonged, 0 = it was not held any more.
local place = base .. 'l:' .. ARGV[2] .. ':' .. ARGV[3]
local held = redis.call('GET', place)
if not held or string.sub(held, 1, #ARGV[4] + 1) ~= ARGV[4] .. ' ' or string.sub(held, -32) ~= redis.call('HGET', ctl, 'gen') then return 0 end
return redis.call('PEXPIRE', place, ARGV[5])
