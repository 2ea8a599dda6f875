-- Field raised when a sweep removes patterns from the list: a sweep matches the keys of values, not the keys that the values depend on.
local any_key = 't:\0'
-- Tag of a value that depends on more keys than are recorded.
local any_record = '\0'
-- Beginning of a dependency tag on rows.
local any_row = '\0\0\0'

-- True if a tag of the value was invalidated after the stamp, or may have been. The second result is the field `deps`, which the call may have set.
--   value, from       the value; the index of byte 52 of the stored value: 53 in a stored value, 1 in the argument of set
--   generation        of the history
--   current, since    the fields tags and tags_from: the current tag hash, and the sequence at its beginning
--   deps, direct      the fields of these names
--   newest            the newest sequence
-- A dependency tag of three bytes 0 and the text of a predicate depends on the rows of a table. The server compares tables only: a record with a changed
-- row raises 't:\0\0\0<table>', and the tag of the table's name stands for a change of unknown rows.
--   begins            true to set `deps` to `newest` if the field is absent and the value has a dependency tag
-- A dependency tag is a byte 0 and a key if the value was computed from the key, two bytes 0 and a key if such a dependency was only declared. From the
-- sequence `deps` on, a record of a key raises 't:\0<key>'. A record with `direct` raises 't:\0\0<key>' instead, which concerns only values that were
-- computed from the key.
local function is_invalidated(value, from, stamp, generation, current, since, deps, direct, newest, begins)
  local first, second = string.byte(value, from + 34, from + 35)
  if first + second == 0 then return false, deps end
  local tags = tags_of(value, from)
  if not tags then return true, deps end
  local depends = false
  for i = 1, #tags do -- excludes the tags that the loop appends
    if tags[i] == any_record and tonumber(newest) > stamp then return true, deps end
    local one, two = string.byte(tags[i], 1, 2)
    if one == 0 then
      if string.sub(tags[i], 1, 3) == any_row then
        tags[i] = string.match(tags[i], '^[^%[]*')
        tags[#tags + 1] = 't:' .. string.sub(tags[i], 4)
      elseif two == 0 then
        depends = true
        tags[i] = string.sub(tags[i], 2)
      else
        depends = true
        if direct then tags[#tags + 1] = 't:\0' .. tags[i] end
      end
    end
    tags[i] = 't:' .. tags[i]
  end
  if depends then
    if not deps and begins then
      redis.call('HSET', ctl, 'deps', newest)
      deps = newest
    end
    if not deps or stamp < tonumber(deps) then return true, deps end
    tags[#tags + 1] = any_key
  end
  for _, hash in ipairs({ current, current == '0' and '1' or '0' }) do
    local cells = redis.call('HMGET', KEYS[2 + hash], '_', unpack(tags))
    if cells[1] ~= generation then return true, deps end
    for i = 2, #cells do
      if cells[i] and (tonumber(cells[i]) or math.huge) > stamp then return true, deps end
    end
    if stamp >= tonumber(since) then return false, deps end
    -- Below the beginning of the current hash, the other hash decides too. Below the beginning of the other hash, invalidations were forgotten.
    if hash == current and stamp < tonumber(redis.call('HGET', ctl, 'tags_floor')) then return true, deps end
  end
  return false, deps
end
