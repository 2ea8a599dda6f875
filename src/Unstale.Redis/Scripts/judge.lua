-- True if a tag of the value was invalidated after the stamp, or nobody can tell any more.
local function is_above(value, from, stamp, generation, tags_floor)
  local tags = tags_of(value, from)
  if not tags then return true end
  if #tags == 0 then return false end
  if stamp < tonumber(tags_floor) then return true end
  local fields = { '_' }
  for i = 1, #tags do fields[i + 1] = 't:' .. tags[i] end
  for hash = 0, 1 do
    local cells = redis.call('HMGET', base .. 'tags:' .. hash, unpack(fields))
    if cells[1] ~= generation then return true end
    for i = 2, #cells do
      if cells[i] and tonumber(cells[i]) > stamp then return true end
    end
  end
  return false
end
