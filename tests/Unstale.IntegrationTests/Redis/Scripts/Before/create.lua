-- run, new generation, the one to replace ('' = only a broken history). Whoever comes second changes nothing. Reply: the generation.
local c = redis.call('HMGET', ctl, 'run', 'replid', 'gen')
if is_broken(c[1], c[2], c[3]) or c[3] == ARGV[3] then
  new_generation(ARGV[2])
  return ARGV[2]
end
return c[3]
