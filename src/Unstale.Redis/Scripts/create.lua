-- Begins a generation if the history is broken, or is of the generation to replace. A later call to replace the same generation changes nothing.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 log, 5 versions:0, 6 versions:1, 7 sweep.
-- ARGV: 1 run, 2 new generation, 3 generation to replace ('' = only a broken history).
-- Reply: the generation of the log.
local c = redis.call('HMGET', ctl, 'run', 'replid', 'gen', 'partitions')
if c[3] and (c[4] or '1') ~= partitions then return c[3] end
if is_broken(c[1], c[2], c[3]) or c[3] == ARGV[3] then
  new_generation(ARGV[2])
  return ARGV[2]
end
return c[3]
