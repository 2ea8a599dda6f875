-- run, generation to begin if the history is broken, stream length, push limit, life of a claim in milliseconds, number of records,
-- then per record: its claim ('' = none), the record. Reply: how many were appended.
-- Several nodes bring what they heard elsewhere, and one record is made: the first to come leaves a claim beside it. The claim belongs to
-- the generation, and is left after the record, so that no failure in between can leave a claim without one.
local at, appended = 7, 0
for _ = 1, tonumber(ARGV[6]) do
  local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'deps')
  if not c[2] or (c[1] ~= run and run ~= '?') or is_used_up(c[3]) then
    c = new_generation(ARGV[2])
  end
  local claim = base .. 'heard:' .. c[2] .. ':' .. ARGV[at]
  if type(redis.pcall('GET', claim)) ~= 'string' then
    append(c[2], c[3], c[4], c[5], c[6], c[7], c[8], at + 1, 1, ARGV[3], ARGV[4])
    if ARGV[at] ~= '' then redis.call('SET', claim, '', 'PX', ARGV[5]) end
    appended = appended + 1
  end
  at = at + 3 + ARGV[at + 1] + ARGV[at + 2]
end
return appended
