local most_broad = 64

local function chunked(command, first, list)
  for i = 1, #list, 4000 do
    local stop = math.min(i + 3999, #list)
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

-- Appends records, each "meta count, target count, strings" from ARGV[at] on. `deps`: whether values carry marks of keys. Returns the first sequence and the id before it.
local function append(generation, sequence, last, caches, broad, tags_index, deps, at, count, maxlen, push_limit)
  local seq, previous, first = tonumber(sequence), last, text(sequence + 1)
  local dead, cells, names, from, to, collapsed = {}, {}, {}, {}, {}, {}
  local values, leases, versions = {}, {}, {}
  for cache in string.gmatch(caches, '%S+') do
    values[#values + 1] = base .. 'v:' .. cache .. ':'
    leases[#leases + 1] = base .. 'l:' .. cache .. ':'
  end
  local floor, newest, listed, any_direct
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
        for c = 1, #values do
          dead[#dead + 1] = values[c] .. name
          dead[#dead + 1] = leases[c] .. name
        end
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
  chunked('HSET', base .. 'tags:' .. tags_index, cells)
  chunked('UNLINK', nil, dead)

  local log, pushed = base .. 'log', {}
  local from_empty = first == '1'
  for r = 1, count do
    local fields, first_field, last_field = ARGV, from[r], to[r]
    if collapsed[r] then
      fields = { unpack(ARGV, first_field, first_field + collapsed[r] - 1) }
      fields[#fields + 1] = 'everything'
      fields[#fields + 1] = ''
      first_field, last_field = 1, #fields
    end
    redis.call('XADD', log, 'MAXLEN', '~', maxlen, '0-' .. names[r], 'prev', previous, unpack(fields, first_field, last_field))
    pushed[2 * r - 1] = last_field - first_field + 1
    pushed[2 * r] = table.concat(fields, '\255', first_field, last_field)
    previous = fields[first_field + 3]
  end

  if from_empty then redis.call('PEXPIRE', log, life_of_log()) end

  local head = generation .. '\255' .. first .. '\255' .. last .. '\255'
  local push = head .. count .. '\255' .. table.concat(pushed, '\255')
  if #push > tonumber(push_limit) then push = head .. '0' end
  redis.call('PUBLISH', channel, push)
  return first, last
end
