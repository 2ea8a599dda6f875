-- Raised when patterns leave the list: nobody looked which values were made from a key that they match.
local any_mark = 't:\0'
-- Carried by a value that was made from more than is recorded.
local any_record = '\0'

-- True if a tag of the value was invalidated after the stamp, or nobody can tell any more. The value's bytes from 52 on begin at `from`.
-- `current` is the hash that tags are written to now, KEYS[2] or KEYS[3]; all that was written to it came after `since`.
-- A tag that begins with a zero is the mark of a key that the value was made from. Records of keys raise marks from the sequence `deps` on;
-- where none does yet, `newest`, the log's newest sequence, begins it if `begins`. The second result is `deps`.
-- A second zero: it was only declared to be computed from the key. Records that take only the declared dependents they name raise cells of their
-- own, which begin with two zeros. For values that were made from the key they are compared too, once `direct` is set.
local function is_above(value, from, stamp, generation, current, since, deps, direct, newest, begins)
  local first, second = string.byte(value, from + 34, from + 35)
  if first + second == 0 then return false, deps end
  local tags = tags_of(value, from)
  if not tags then return true, deps end
  local marked = false
  for i = 1, #tags do -- the length is that of before
    if tags[i] == any_record and tonumber(newest) > stamp then return true, deps end
    local one, two = string.byte(tags[i], 1, 2)
    if one == 0 then
      marked = true
      if two == 0 then
        tags[i] = string.sub(tags[i], 2)
      elseif direct then
        tags[#tags + 1] = 't:\0' .. tags[i]
      end
    end
    tags[i] = 't:' .. tags[i]
  end
  if marked then
    if not deps and begins then
      redis.call('HSET', ctl, 'deps', newest)
      deps = newest
    end
    if not deps or stamp < tonumber(deps) then return true, deps end
    tags[#tags + 1] = any_mark
  end
  for _, hash in ipairs({ current, current == '0' and '1' or '0' }) do
    local cells = redis.call('HMGET', KEYS[2 + hash], '_', unpack(tags))
    if cells[1] ~= generation then return true, deps end
    for i = 2, #cells do
      if cells[i] and (tonumber(cells[i]) or math.huge) > stamp then return true, deps end
    end
    if stamp >= tonumber(since) then return false, deps end
    -- Older than the current hash: the one before may know more, and below its beginning nobody does.
    if hash == current and stamp < tonumber(redis.call('HGET', ctl, 'tags_floor')) then return true, deps end
  end
  return false, deps
end
