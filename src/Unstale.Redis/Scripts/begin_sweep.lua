-- KEYS: ctl, sweep.
-- run, generation, token, lease in milliseconds. Reply: nil = nothing to sweep, or another does; or the newest sequence and what is listed.
local c = redis.call('HMGET', ctl, 'gen', 'seq', 'broad')
if not c[1] or c[1] ~= ARGV[2] or c[3] == '' then return false end
local held = redis.call('GET', KEYS[2])
if held and held ~= ARGV[3] then return false end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return { c[2], c[3] }
