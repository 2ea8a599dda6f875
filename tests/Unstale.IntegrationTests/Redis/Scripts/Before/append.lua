-- run, generation to begin if the history is broken, stream length, push limit, number of records, the records.
-- Reply: generation, sequence of the first record, id of the record before it.
local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'deps')
if not c[2] or (c[1] ~= run and run ~= '?') or is_used_up(c[3]) then
  c = new_generation(ARGV[2])
end
local first, before = append(c[2], c[3], c[4], c[5], c[6], c[7], c[8], 6, tonumber(ARGV[5]), ARGV[3], ARGV[4])
return { c[2], first, before }
