-- Appends records made from messages of a channel. Several nodes may receive one message. Its claim limits the calls of all nodes to one record.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 log, 5 versions:0, 6 versions:1, 7 sweep, 8 claim (if any) of each record with value and
-- lease of each of its keys in each cache.
-- ARGV: 1 run, 2 command, 3 channel, 4 generation to begin if the history is broken, 5 stream length, 6 push limit, 7 caches, 8 life of a claim in
-- milliseconds, 9 number of records, 10 the records.
-- Reply: number of records appended, alone or before pairs of a claim that had another type and this type;
-- or, if ARGV[7] is not the list of caches, that list alone, and no change.
-- Each record follows an argument that is 1 if the record has a claim, else 0. A claim contains the generation of its record. The claim is written
-- after the record, so that no failure in between can result in a claim without a record.
local at, key_at, appended, per_key, replaced = 10, 8, 0, keys_per_key(ARGV[7]), {}
for r = 1, tonumber(ARGV[9]) do
  local c = redis.call('HMGET', ctl, 'run', 'gen', 'seq', 'last', 'caches', 'broad', 'tags', 'deps')
  if not c[2] or is_other_run(c[1]) or is_used_up(c[3]) then
    c = new_generation(ARGV[4])
  elseif r == 1 and c[5] ~= ARGV[7] then
    return { listed_caches(c[5]) }
  end
  local claim
  if ARGV[at] == '1' then claim, key_at = KEYS[key_at], key_at + 1 end
  local keys = per_key * count_keys(at + 1)
  local held = claim and redis.pcall('GET', claim)
  if type(held) == 'table' then
    replaced[#replaced + 1] = claim
    replaced[#replaced + 1] = redis.call('TYPE', claim).ok
  end
  if held ~= c[2] then
    append(c, c[8], at + 1, 1, ARGV[5], ARGV[6], key_at, per_key)
    if claim then redis.call('SET', claim, c[2], 'PX', ARGV[8]) end
    appended = appended + 1
  end
  at, key_at = at + 3 + ARGV[at + 1] + ARGV[at + 2], key_at + keys
end
if replaced[1] then return { appended, unpack(replaced) } end
return appended
