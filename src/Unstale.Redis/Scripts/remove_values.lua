-- Removes the values that have a stamp below their sequence, all tags of an all-of above their stamp, or another generation.
-- KEYS: 1 ctl, 2 sweep, 3 values.
-- ARGV: 1 run, 2 generation, 3 token, 4 lease in milliseconds, 5 number of all-ofs, 6 the all-ofs and a sequence for each value.
-- Reply: number of values removed; -1 = the log is in another generation.
-- An all-of is its sequence, the number of its tags, and the tags. The sequence of a value is 0 if no pattern matches its key.
local generation = redis.call('HGET', ctl, 'gen')
if generation ~= ARGV[2] then return -1 end
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end

local at, allofs = 6, {}
for i = 1, tonumber(ARGV[5]) do
  local count = tonumber(ARGV[at + 1])
  allofs[i] = { tonumber(ARGV[at]), { unpack(ARGV, at + 2, at + 1 + count) } }
  at = at + 2 + count
end

local function has_all_tags(key, front, stamp)
  local above = {}
  for i = 1, #allofs do
    if allofs[i][1] > stamp then above[#above + 1] = allofs[i][2] end
  end
  if #above == 0 then return false end
  -- Excludes the payload, which may be large.
  local a, b, c, d = string.byte(front, 89, 92)
  local tags = tags_of(redis.call('GETRANGE', key, 0, 91 + ((a * 256 + b) * 256 + c) * 256 + d), 53)
  if not tags then return true end
  local present = {}
  for i = 1, #tags do present[tags[i]] = true end
  for i = 1, #above do
    local all = true
    for t = 1, #above[i] do all = all and present[above[i][t]] end
    if all then return true end
  end
  return false
end

local removed = 0
for i = 3, #KEYS do
  local front = redis.pcall('GETRANGE', KEYS[i], 0, 91)
  if type(front) == 'string' and #front == 92 and string.sub(front, 1, 4) == 'UNS1' then
    local stamp = stamp_of(front, generation)
    if not stamp or stamp < tonumber(ARGV[at + i - 3]) or has_all_tags(KEYS[i], front, stamp) then
      removed = removed + redis.call('UNLINK', KEYS[i])
    end
  end
end
return removed
