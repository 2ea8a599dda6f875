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

-- Appends records, each "meta count, target count, strings" from ARGV[at] on. Returns the first sequence and the id before it.
local function append(generation, sequence, last, caches, broad, tags_index, at, count, maxlen, push_limit)
  local seq, previous = tonumber(sequence), last
  local first = text(seq + 1)
  local dead, cells, places, pushed, changed = {}, {}, {}, {}, {}
  local floor, newest, listed
  for r = 1, count do
    seq = seq + 1
    local s = text(seq)
    local meta, targets = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local from = at + 2
    local to = from + meta + targets - 1
    local everything, collapsed = false, false
    for i = from + meta, to, 2 do
      local kind, name = ARGV[i], ARGV[i + 1]
      if kind == 'key' then
        for cache in string.gmatch(caches, '%S+') do
          dead[#dead + 1] = base .. 'v:' .. cache .. ':' .. name
          dead[#dead + 1] = base .. 'l:' .. cache .. ':' .. name
        end
      elseif kind == 'tag' then
        cells[#cells + 1] = 't:' .. name
        cells[#cells + 1] = s
      elseif kind == 'glob' or kind == 'regex' or kind == 'allof' then
        listed = (listed or count_broads(broad)) + 1
        newest = s
        if listed > most_broad then
          everything, collapsed = true, true
        else
          broad = broad .. s .. ':' .. kind .. ':' .. #name .. ':' .. name
        end
      else
        everything = true
      end
    end
    if everything then floor, broad, listed = s, '', 0 end
    places[r] = { s, previous, from, to, collapsed and from + meta - 1 }
    previous = ARGV[from + 3]
    at = to + 1
  end

  -- Before the stream: if a later write fails there is a gap, and a gap is seen. The other way round every later append would fail.
  changed = { 'seq', text(seq), 'last', previous }
  if newest then changed[5], changed[6], changed[7], changed[8] = 'broad', broad, 'newest_broad', newest end
  if floor then
    changed[#changed + 1], changed[#changed + 2] = 'floor', floor
    changed[#changed + 1], changed[#changed + 2] = 'broad', broad
  end
  redis.call('HSET', ctl, unpack(changed))
  chunked('HSET', base .. 'tags:' .. tags_index, cells)
  chunked('UNLINK', nil, dead)

  for r = 1, count do
    local s, before, from, to, meta_to = unpack(places[r], 1, 5)
    if meta_to then
      local fields = { unpack(ARGV, from, meta_to) }
      fields[#fields + 1] = 'everything'
      fields[#fields + 1] = ''
      redis.call('XADD', base .. 'log', 'MAXLEN', '~', maxlen, '0-' .. s, 'prev', before, unpack(fields))
      pushed[r] = #fields .. '\255' .. table.concat(fields, '\255')
    else
      redis.call('XADD', base .. 'log', 'MAXLEN', '~', maxlen, '0-' .. s, 'prev', before, unpack(ARGV, from, to))
      pushed[r] = (to - from + 1) .. '\255' .. table.concat(ARGV, '\255', from, to)
    end
  end

  local head = generation .. '\255' .. first .. '\255' .. last .. '\255'
  local body = table.concat(pushed, '\255')
  local push = head .. count .. '\255' .. body
  if #push > tonumber(push_limit) then push = head .. '0' end
  redis.call('PUBLISH', base .. 'ch', push)
  return first, last
end
