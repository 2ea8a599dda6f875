-- KEYS: ctl, tags:0, tags:1, log, versions:0, versions:1, sweep.
-- run, new generation, the one to replace ('' = only a broken history). Whoever comes second changes nothing. Reply: the generation.
local c = redis.call('HMGET', ctl, 'run', 'replid', 'gen', 'partitions')
if c[3] and (c[4] or '1') ~= partitions then return c[3] end
if is_broken(c[1], c[2], c[3]) or c[3] == ARGV[3] then
  new_generation(ARGV[2])
  return ARGV[2]
end
return c[3]
