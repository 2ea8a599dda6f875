-- Appends records.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 log, 5 versions:0, 6 versions:1, 7 sweep, 8 value and lease of each key in each cache.
-- ARGV: 1 run, 2 command, 3 channel, 4 generation to begin if the history is broken, 5 stream length, 6 push limit, 7 caches, 8 number of records,
-- 9 the records.
-- Reply: generation, sequence of the first record, id of the record before it;
-- or, if ARGV[7] is not the list of caches, that list alone, and no change.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'deps')
if not c[2] or is_other_run(c[1]) or is_used_up(c[3]) then
  c = new_generation(ARGV[4])
elseif c[5] ~= ARGV[7] then
  return { listed_caches(c[5]) }
end
local first, before = append(c, c[8], 9, tonumber(ARGV[8]), ARGV[5], ARGV[6], 8, keys_per_key(ARGV[7]))
return { c[2], first, before }
