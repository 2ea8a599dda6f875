-- Grants the right to sweep to one node at a time.
-- KEYS: 1 ctl, 2 sweep.
-- ARGV: 1 run, 2 generation, 3 token, 4 lease in milliseconds.
-- Reply: newest sequence, list of selectors; or nil = the list is empty, another node sweeps, or the log is in another generation.
local c = redis.call('HMGET', ctl, 'gen', 'seq', 'broad')
if not c[1] or c[1] ~= ARGV[2] or c[3] == '' then return false end
local held = redis.call('GET', KEYS[2])
if held and held ~= ARGV[3] then return false end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return { c[2], c[3] }
