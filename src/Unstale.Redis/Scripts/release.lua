-- KEYS: ctl, value, lease.
-- run, token, 1 = the value goes too. Reply: 1 = ended, 0 = it was not held any more.
local held = redis.call('GET', KEYS[3])
if not held or string.sub(held, 1, #ARGV[2] + 1) ~= ARGV[2] .. ' ' then return 0 end
if ARGV[3] == '1' then redis.call('UNLINK', KEYS[2]) end
return redis.call('UNLINK', KEYS[3])
