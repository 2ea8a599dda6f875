-- KEYS: ctl, tags:0, tags:1, log, versions:0, versions:1, sweep, value and lease of each key in each cache.
-- run, command, channel, generation to begin if the history is broken, stream length, push limit, caches, number of records, the records.
-- Reply: generation, sequence of the first record, id of the record before it; or the caches alone, if others were named: nothing was changed.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'deps')
if not c[2] or is_other_run(c[1]) or is_used_up(c[3]) then
  c = new_generation(ARGV[4])
elseif c[5] ~= ARGV[7] then
  return { listed(c[5]) }
end
local first, before = append(c, c[8], 9, tonumber(ARGV[8]), ARGV[5], ARGV[6], 8, keys_for_each(ARGV[7]))
return { c[2], first, before }
