-- True if a tag of the value was invalidated after the stamp, or nobody can tell any more. The value's bytes from 52 on begin at `from`.
-- `current` is the hash that tags are written to now; all that was written to it came after `since`.
local function is_above(value, from, stamp, generation, current, since)
  local first, second = string.byte(value, from + 34, from + 35)
  if first + second == 0 then return false end
  local tags = tags_of(value, from)
  if not tags then return true end
  for i = 1, #tags do tags[i] = 't:' .. tags[i] end
  local hash = current
  repeat
    local cells = redis.call('HMGET', base .. 'tags:' .. hash, '_', unpack(tags))
    if cells[1] ~= generation then return true end
    for i = 2, #cells do
      if cells[i] and tonumber(cells[i]) > stamp then return true end
    end
    if stamp >= tonumber(since) then return false end
    -- Older than the current hash: the one before may know more, and below its beginning nobody does.
    if hash == current and stamp < tonumber(redis.call('HGET', ctl, 'tags_floor')) then return true end
    hash = hash == '0' and '1' or '0'
  until hash == current
  return false
end
