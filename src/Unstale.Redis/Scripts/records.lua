local most_selectors = 64

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

local function count_selectors(list)
  local count = 0
  if list ~= '' then each_selector(list, function() count = count + 1 end) end
  return count
end

-- List of caches, for a caller that named another list. Fails above the limit of callers, so that the caller repairs the control hash.
local function listed_caches(caches)
  assert(#caches <= 65536, 'the list of caches is too long')
  return caches
end

-- Number of KEYS for each key of a record: its value and its lease in each cache.
local function keys_per_key(caches)
  local count = 0
  for _ in string.gmatch(caches, '%S+') do count = count + 2 end
  return count
end

-- Number of keys in the record that begins at ARGV[at].
local function count_keys(at)
  local count, from = 0, at + 2 + ARGV[at]
  for i = from, from + ARGV[at + 1] - 1, 2 do
    if ARGV[i] == 'key' then count = count + 1 end
  end
  return count
end

-- Appends records. Returns the sequence of the first record and the id before it.
--   c                 the fields run, gen, seq, last, caches, broad, tags
--   deps              the field `deps`, nil while no value has a dependency tag
--   at, count         the records: from ARGV[at] on, each as the length of its head, the length of its targets, and the strings of both
--   maxlen            length of the stream
--   push_limit        maximum length of a push in bytes
--   key_at, per_key   the values and leases of the keys in the records: from KEYS[key_at] on, `per_key` for each key
local function append(c, deps, at, count, maxlen, push_limit, key_at, per_key)
  local generation, last, selectors = c[2], c[4], c[6]
  local seq, previous, first = tonumber(c[3]), last, text(c[3] + 1)
  local cells, sequences, from, to, collapsed, versions = {}, {}, {}, {}, {}, {}
  local floor, newest, selector_count, any_direct
  local key_after = key_at
  for r = 1, count do
    seq = seq + 1
    local s = text(seq)
    local head, targets = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local everything, direct = false, false
    for i = at + 10, at + 1 + head, 2 do
      direct = direct or (ARGV[i] == 'how' and string.find(ARGV[i + 1], 'direct', 1, true) ~= nil)
      if ARGV[i] == 'ver' then versions[#versions + 1] = { ARGV[i + 1], ARGV[at + 3 + head], s } end
    end
    sequences[r], from[r], to[r] = s, at + 2, at + 1 + head + targets
    for i = at + 2 + head, to[r], 2 do
      local kind, name = ARGV[i], ARGV[i + 1]
      if kind == 'key' then
        key_after = key_after + per_key
        -- A record with `direct` excludes dependencies that were only declared: see is_invalidated.
        if deps then
          cells[#cells + 1] = (direct and 't:\0\0' or 't:\0') .. name
          cells[#cells + 1] = s
          any_direct = any_direct or direct
        end
      elseif kind == 'tag' then
        cells[#cells + 1] = 't:' .. name
        cells[#cells + 1] = s
      elseif kind == 'row' then
        cells[#cells + 1] = 't:\0\0\0' .. string.match(name, '^[^ ]*')
        cells[#cells + 1] = s
      elseif kind == 'glob' or kind == 'regex' or kind == 'allof' then
        selector_count = (selector_count or count_selectors(selectors)) + 1
        newest = s
        if selector_count > most_selectors then
          everything, collapsed[r] = true, head
        else
          selectors = selectors .. s .. ':' .. kind .. ':' .. #name .. ':' .. name
        end
      else
        everything = true
      end
    end
    if everything then floor, selectors, selector_count = s, '', 0 end
    at = to[r] + 1
  end
  assert(key_after <= #KEYS + 1, 'values and leases of keys are missing in KEYS')

  -- The sequence is written before the stream. If a later write fails, the stream has a gap, which every reader detects. In the other order, each later
  -- append would fail, because the id of its entry would already exist.
  local changed = { 'seq', sequences[count], 'last', ARGV[from[count] + 3] }
  if newest then changed[5], changed[6], changed[7], changed[8] = 'broad', selectors, 'newest_broad', newest end
  if floor then
    changed[#changed + 1], changed[#changed + 2] = 'floor', floor
    changed[#changed + 1], changed[#changed + 2] = 'broad', selectors
  end
  if any_direct then changed[#changed + 1], changed[#changed + 2] = 'direct', '1' end
  redis.call('HSET', ctl, unpack(changed))
  -- A node with a full queue replaces its invalidations by one "everything", which then also represents the versions that they would have reported.
  if floor then begin_versions(generation, life_of_log()) end
  for i = 1, #versions do raise_version(generation, unpack(versions[i])) end
  chunked('HSET', KEYS[2 + c[7]], cells, 1, #cells)
  chunked('UNLINK', nil, KEYS, key_at, key_after - 1)

  local pushed = {}
  local begins_stream = first == '1'
  for r = 1, count do
    local fields, first_field, last_field = ARGV, from[r], to[r]
    if collapsed[r] then
      fields = { unpack(ARGV, first_field, first_field + collapsed[r] - 1) }
      fields[#fields + 1] = 'everything'
      fields[#fields + 1] = ''
      first_field, last_field = 1, #fields
    end
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', maxlen, '0-' .. sequences[r], 'prev', previous, unpack(fields, first_field, last_field))
    pushed[2 * r - 1] = last_field - first_field + 1
    pushed[2 * r] = table.concat(fields, '\255', first_field, last_field)
    previous = fields[first_field + 3]
  end

  if begins_stream then redis.call('PEXPIRE', KEYS[4], life_of_log()) end

  local head = generation .. '\255' .. first .. '\255' .. last .. '\255'
  local push = head .. count .. '\255' .. table.concat(pushed, '\255')
  if #push > tonumber(push_limit) then push = head .. '0' end
  redis.call(ARGV[2], ARGV[3], push)
  return first, last
end
