-- KEYS: ctl, lease.
-- run, token, life in milliseconds. Reply: 1 = prolonged, 0 = it was not held any more.
local held = redis.call('GET', KEYS[2])
if not held or string.sub(held, 1, #ARGV[2] + 1) ~= ARGV[2] .. ' ' or string.sub(held, -32) ~= redis.call('HGET', ctl, 'gen') then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[3])
