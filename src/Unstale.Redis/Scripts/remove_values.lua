-- Removes the values that have a stamp below their sequence, all tags of an all-of above their stamp, or another generation.
-- KEYS: 1 ctl, 2 sweep, 3 values.
-- ARGV: 1 run, 2 generation, 3 token, 4 lease in milliseconds, 5 number of all-ofs, 6 the all-ofs and the sequences for each value.
-- Reply: number of values removed; -1 = the log is in another generation.
-- An all-of is its sequence, the number of its tags, and the tags. The sequences of a value are those of the patterns that match its key, newest first,
-- separated by spaces.
local generation = redis.call('HGET', ctl, 'gen')
if generation ~= ARGV[2] then return -1 end
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end

local at, allofs = 6, {}
for i = 1, tonumber(ARGV[5]) do
  local count = tonumber(ARGV[at + 1])
  allofs[i] = { tonumber(ARGV[at]), { unpack(ARGV, at + 2, at + 1 + count) } }
  at = at + 2 + count
end

-- Sequence of the oldest pattern above the stamp; nil if none.
local function oldest_pattern(sequences, stamp)
  local oldest
  for sequence in string.gmatch(sequences, '%d+') do
    if tonumber(sequence) <= stamp then break end
    oldest = tonumber(sequence)
  end
  return oldest
end

-- Sequence of the oldest all-of above the stamp whose tags the value has; nil if none, 0 if the tags are unreadable.
local function oldest_allof(key, front, stamp)
  local above = {}
  for i = 1, #allofs do
    if allofs[i][1] > stamp then above[#above + 1] = allofs[i] end
  end
  if #above == 0 then return nil end
  -- Excludes the payload, which may be large.
  local a, b, c, d = string.byte(front, 89, 92)
  local tags = tags_of(redis.call('GETRANGE', key, 0, 91 + ((a * 256 + b) * 256 + c) * 256 + d), 53)
  if not tags then return 0 end
  local present, oldest = {}, nil
  for i = 1, #tags do present[tags[i]] = true end
  for i = 1, #above do
    local all = true
    for t = 1, #above[i][2] do all = all and present[above[i][2][t]] end
    if all then oldest = math.min(oldest or above[i][1], above[i][1]) end
  end
  return oldest
end

-- Sequence of the record that invalidated the value first, 0 for a value that no record invalidated; nil if the value is valid.
local function invalidated_by(key, front, sequences)
  local stamp = stamp_of(front, generation)
  if not stamp then return 0 end
  local pattern, allof = oldest_pattern(sequences, stamp), oldest_allof(key, front, stamp)
  return pattern and allof and math.min(pattern, allof) or pattern or allof
end

-- Adds to the numbers of removed values in the control hash, which has those of the newest 256 records.
local function add_removed(counts)
  for sequence, count in string.gmatch(redis.call('HGET', ctl, 'removed') or '', '(%d+):(%d+)') do
    sequence = tonumber(sequence)
    counts[sequence] = (counts[sequence] or 0) + tonumber(count)
  end
  local sequences, list = {}, {}
  for sequence in pairs(counts) do sequences[#sequences + 1] = sequence end
  table.sort(sequences)
  for i = math.max(1, #sequences - 255), #sequences do
    list[#list + 1] = string.format('%.0f:%.0f', sequences[i], counts[sequences[i]])
  end
  redis.call('HSET', ctl, 'removed', table.concat(list, ' '))
end

local removed, counts = 0, {}
for i = 3, #KEYS do
  local front = redis.pcall('GETRANGE', KEYS[i], 0, 91)
  if type(front) == 'string' and #front == 92 and string.sub(front, 1, 4) == 'UNS1' then
    local by = invalidated_by(KEYS[i], front, ARGV[at + i - 3])
    if by then
      local count = redis.call('UNLINK', KEYS[i])
      removed = removed + count
      if by > 0 then counts[by] = (counts[by] or 0) + count end
    end
  end
end
if next(counts) then add_removed(counts) end
return removed
