-- Repairs keys at which another script failed. A string key of another type is removed. A key of the history with another type, or with unreadable
-- content, is replaced together with the history.
-- KEYS: 1 ctl, 2 tags:0, 3 tags:1, 4 log, 5 versions:0, 6 versions:1, 7 sweep, 8 strings.
-- ARGV: 1 run, 2 generation to begin if the history is unreadable.
-- Reply: 1 if a generation was begun, else 0; then pairs of a replaced key and its type or fault.
local found = {}

local function note(name, fault)
  found[#found + 1] = name
  found[#found + 1] = fault
end

local function has_type(name, wanted)
  local held = redis.call('TYPE', name).ok
  if held == wanted or held == 'none' then return true end
  note(name, held)
  return false
end

-- Field of the control hash that other scripts cannot read; nil if there is none.
local function unreadable_field()
  local forms = { gen = '^%x+$', seq = '^%d+$', last = '^%x+$', floor = '^%d+$', newest_broad = '^%d+$', tags = '^[01]$', tags_from = '^%d+$',
    tags_floor = '^%d+$', tags_at = '^%d+$', longest = '^%d+$', versions = '^[01]$', versions_at = '^%d+$', versions_since = '^%d+$' }
  local lengths = { gen = 32, last = 16 }
  for field, form in pairs(forms) do
    local text = redis.call('HGET', ctl, field)
    if not text or not string.find(text, form) or (lengths[field] or #text) ~= #text then return field end
  end
  local deps, selectors = redis.call('HGET', ctl, 'deps'), redis.call('HGET', ctl, 'broad')
  if deps and not string.find(deps, '^%d+$') then return 'deps' end
  if not selectors or not pcall(each_selector, selectors, function() end) then return 'broad' end
  local caches = redis.call('HGET', ctl, 'caches')
  if not caches or #caches > 65536 then return 'caches' end
end

-- Removes the entries of nodes that are unreadable. Such an entry confirms nothing.
local function drop_unreadable_nodes()
  local fields = redis.call('HGETALL', ctl)
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 5) == 'node:' and not string.find(fields[i + 1], '^%d+ %S+ %d+ %d+ %d+$') then
      note(ctl, 'hash with an unreadable field node')
      redis.call('HDEL', ctl, fields[i])
    end
  end
end

local function is_readable()
  local whole = has_type(ctl, 'hash')
  for i = 2, 6 do
    whole = has_type(KEYS[i], i == 4 and 'stream' or 'hash') and whole
  end
  if not whole then return false end
  local field = redis.call('EXISTS', ctl) == 1 and unreadable_field()
  if field then
    note(ctl, 'hash with an unreadable field ' .. field)
    return false
  end
  local newest = redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', '1')[1]
  local sequence = newest and tonumber(string.match(newest[1], '^0%-(%d+)$'))
  if newest and not (sequence and sequence <= tonumber(redis.call('HGET', ctl, 'seq') or '0')) then
    note(KEYS[4], 'stream with an entry that is no record')
    return false
  end
  drop_unreadable_nodes()
  return true
end

if not is_readable() then
  new_generation(ARGV[2])
  table.insert(found, 1, 1)
  return found
end

for i = 7, #KEYS do
  if not has_type(KEYS[i], 'string') then redis.call('UNLINK', KEYS[i]) end
end
table.insert(found, 1, 0)
return found
