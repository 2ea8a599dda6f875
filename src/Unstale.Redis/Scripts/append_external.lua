-- KEYS: ctl, tags:0, tags:1, log, versions:0, versions:1, sweep, for each record its claim if it has one, value and lease of each key in each cache.
-- run, command, channel, generation to begin if the history is broken, stream length, push limit, caches, life of a claim in milliseconds,
-- number of records, then per record: 1 = it has a claim, the record. Reply: how many were appended, alone or before pairs of a claim that was of
-- another type and that type; or the caches alone, if others were named: nothing was changed.
-- Several nodes bring what they heard elsewhere, and one record is made: the first to come leaves a claim beside it. The claim holds the
-- generation that it belongs to, and is left after the record, so that no failure in between can leave a claim without one.
local at, key_at, appended, for_each, foreign = 10, 8, 0, keys_for_each(ARGV[7]), {}
for r = 1, tonumber(ARGV[9]) do
  local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'deps')
  if not c[2] or is_other_run(c[1]) or is_used_up(c[3]) then
    c = new_generation(ARGV[4])
  elseif r == 1 and c[5] ~= ARGV[7] then
    return { listed(c[5]) }
  end
  local claim
  if ARGV[at] == '1' then claim, key_at = KEYS[key_at], key_at + 1 end
  local keys = for_each * count_keys(at + 1)
  local held = claim and redis.pcall('GET', claim)
  if type(held) == 'table' then
    foreign[#foreign + 1] = claim
    foreign[#foreign + 1] = redis.call('TYPE', claim).ok
  end
  if held ~= c[2] then
    append(c, c[8], at + 1, 1, ARGV[5], ARGV[6], key_at, for_each)
    if claim then redis.call('SET', claim, c[2], 'PX', ARGV[8]) end
    appended = appended + 1
  end
  at, key_at = at + 3 + ARGV[at + 1] + ARGV[at + 2], key_at + keys
end
if foreign[1] then return { appended, unpack(foreign) } end
return appended
