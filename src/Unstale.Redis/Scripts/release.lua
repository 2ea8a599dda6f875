-- Ends a lease.
-- KEYS: 1 ctl, 2 value, 3 lease.
-- ARGV: 1 run, 2 token, 3 with the value (1 = the value is removed too).
-- Reply: 1 = ended; 0 = the token does not hold the lease.
local held = redis.call('GET', KEYS[3])
if not held or string.sub(held, 1, #ARGV[2] + 1) ~= ARGV[2] .. ' ' then return 0 end
if ARGV[3] == '1' then redis.call('UNLINK', KEYS[2]) end
return redis.call('UNLINK', KEYS[3])
