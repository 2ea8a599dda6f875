local most_broad = 64

local function chunked(command, first, list, from, to)
  for i = from, to, 4000 do
    local stop = math.min(i + 3999, to)
    if first then
      redis.call(command, first, unpack(list, i, stop))
    else
      redis.call(command, unpack(list, i, stop))
    end
  end
end

local function count_broads(list)
  local count = 0
  if list ~= '' then each_broad(list, function() count = count + 1 end) end
  return count
end

-- The list of caches for who has to call again; fails if nobody could.
local function listed(caches)
  assert(#caches <= 65536, 'the list of caches is too long')
  return caches
end

-- Keys in KEYS for each key that a record names: its value and its lease in each cache of the list.
local function keys_for_each(caches)
  local count = 0
  for _ in string.gmatch(caches, '%S+') do count = count + 2 end
  return count
end

-- Keys that the record from ARGV[at] on names.
local function count_keys(at)
  local count, from = 0, at + 2 + ARGV[at]
  for i = from, from + ARGV[at + 1] - 1, 2 do
    if ARGV[i] == 'key' then count = count + 1 end
  end
  return count
end

-- Appends records, each "meta count, target count, strings" from ARGV[at] on; the values and leases of the keys that they name are in KEYS from
-- key_at on, so many for each. `c`: run, gen, seq, last, caches, broad, tags of the control hash. `deps`: whether values carry marks of keys.
-- Returns the first sequence and the id before it.
local function append(c, deps, at, count, maxlen, push_limit, key_at, for_each)
  local generation, last, broad = c[2], c[4], c[6]
  local seq, previous, first = tonumber(c[3]), last, text(c[3] + 1)
  local cells, names, from, to, collapsed, versions = {}, {}, {}, {}, {}, {}
  local floor, newest, listed, any_direct
  local key_after = key_at
  for r = 1, count do
    seq = seq + 1
    local s = text(seq)
    local meta, targets = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local everything, direct = false, false
    for i = at + 10, at + 1 + meta, 2 do
      direct = direct or (ARGV[i] == 'how' and string.find(ARGV[i + 1], 'direct', 1, true) ~= nil)
      if ARGV[i] == 'ver' then versions[#versions + 1] = { ARGV[i + 1], ARGV[at + 3 + meta], s } end
    end
    names[r], from[r], to[r] = s, at + 2, at + 1 + meta + targets
    for i = at + 2 + meta, to[r], 2 do
      local kind, name = ARGV[i], ARGV[i + 1]
      if kind == 'key' then
        key_after = key_after + for_each
        -- A record with `direct` leaves out declared dependents that it does not name: see judge.
        if deps then
          cells[#cells + 1] = (direct and 't:\0\0' or 't:\0') .. name
          cells[#cells + 1] = s
          any_direct = any_direct or direct
        end
      elseif kind == 'tag' then
        cells[#cells + 1] = 't:' .. name
        cells[#cells + 1] = s
      elseif kind == 'glob' or kind == 'regex' or kind == 'allof' then
        listed = (listed or count_broads(broad)) + 1
        newest = s
        if listed > most_broad then
          everything, collapsed[r] = true, meta
        else
          broad = broad .. s .. ':' .. kind .. ':' .. #name .. ':' .. name
        end
      else
        everything = true
      end
    end
    if everything then floor, broad, listed = s, '', 0 end
    at = to[r] + 1
  end
  assert(key_after <= #KEYS + 1, 'values and leases of keys are missing in KEYS')

  -- Before the stream: if a later write fails there is a gap, and a gap is seen. The other way round every later append would fail.
  local changed = { 'seq', names[count], 'last', ARGV[from[count] + 3] }
  if newest then changed[5], changed[6], changed[7], changed[8] = 'broad', broad, 'newest_broad', newest end
  if floor then
    changed[#changed + 1], changed[#changed + 2] = 'floor', floor
    changed[#changed + 1], changed[#changed + 2] = 'broad', broad
  end
  if any_direct then changed[#changed + 1], changed[#changed + 2] = 'direct', '1' end
  redis.call('HSET', ctl, unpack(changed))
  -- A node whose queue was full makes one "everything" of what it had to tell, versions included.
  if floor then begin_versions(generation, life_of_log()) end
  for i = 1, #versions do raise_version(generation, unpack(versions[i])) end
  chunked('HSET', KEYS[2 + c[7]], cells, 1, #cells)
  chunked('UNLINK', nil, KEYS, key_at, key_after - 1)

  local pushed = {}
  local from_empty = first == '1'
  for r = 1, count do
    local fields, first_field, last_field = ARGV, from[r], to[r]
    if collapsed[r] then
      fields = { unpack(ARGV, first_field, first_field + collapsed[r] - 1) }
      fields[#fields + 1] = 'everything'
      fields[#fields + 1] = ''
      first_field, last_field = 1, #fields
    end
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', maxlen, '0-' .. names[r], 'prev', previous, unpack(fields, first_field, last_field))
    pushed[2 * r - 1] = last_field - first_field + 1
    pushed[2 * r] = table.concat(fields, '\255', first_field, last_field)
    previous = fields[first_field + 3]
  end

  if from_empty then redis.call('PEXPIRE', KEYS[4], life_of_log()) end

  local head = generation .. '\255' .. first .. '\255' .. last .. '\255'
  local push = head .. count .. '\255' .. table.concat(pushed, '\255')
  if #push > tonumber(push_limit) then push = head .. '0' end
  redis.call(ARGV[2], ARGV[3], push)
  return first, last
end
