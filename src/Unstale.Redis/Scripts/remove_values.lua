-- KEYS: ctl, sweep, values.
-- run, generation, token, lease in milliseconds, number of all-ofs, each "seq, number of tags, tags", then a sequence for each value.
-- Removes values that are older than their sequence, or that carry all tags of a later all-of; 0 = no pattern matched.
-- Reply: how many; -1 = the log is in another generation.
local generation = redis.call('HGET', ctl, 'gen')
if generation ~= ARGV[2] then return -1 end
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end

local at, allofs = 6, {}
for i = 1, tonumber(ARGV[5]) do
  local count = tonumber(ARGV[at + 1])
  allofs[i] = { tonumber(ARGV[at]), { unpack(ARGV, at + 2, at + 1 + count) } }
  at = at + 2 + count
end

local function carries_all(place, front, stamp)
  local later = {}
  for i = 1, #allofs do
    if allofs[i][1] > stamp then later[#later + 1] = allofs[i][2] end
  end
  if #later == 0 then return false end
  -- Without the payload, which may be large.
  local a, b, c, d = string.byte(front, 89, 92)
  local tags = tags_of(redis.call('GETRANGE', place, 0, 91 + ((a * 256 + b) * 256 + c) * 256 + d), 53)
  if not tags then return true end
  local carried = {}
  for i = 1, #tags do carried[tags[i]] = true end
  for i = 1, #later do
    local all = true
    for t = 1, #later[i] do all = all and carried[later[i][t]] end
    if all then return true end
  end
  return false
end

local removed = 0
for i = 3, #KEYS do
  local front = redis.pcall('GETRANGE', KEYS[i], 0, 91)
  if type(front) == 'string' and #front == 92 and string.sub(front, 1, 4) == 'UNS1' then
    local stamp = stamp_of(front, generation)
    if not stamp or stamp < tonumber(ARGV[at + i - 3]) or carries_all(KEYS[i], front, stamp) then
      removed = removed + redis.call('UNLINK', KEYS[i])
    end
  end
end
return removed
