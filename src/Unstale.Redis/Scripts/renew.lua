-- Extends the life of a lease.
-- KEYS: 1 ctl, 2 lease.
-- ARGV: 1 run, 2 token, 3 life in milliseconds.
-- Reply: 1 = extended; 0 = the token does not hold the lease, or the lease is of another generation.
local held = redis.call('GET', KEYS[2])
if not held or string.sub(held, 1, #ARGV[2] + 1) ~= ARGV[2] .. ' ' or string.sub(held, -32) ~= redis.call('HGET', ctl, 'gen') then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[3])
