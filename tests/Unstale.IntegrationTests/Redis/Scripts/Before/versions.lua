local reach = 600000

-- The version in a value whose bytes from 52 on begin at `from`, as 19 digits: they compare as texts, which is exact; nil for none.
local function version_of(value, from)
  if string.sub(value, from + 14, from + 21) == '\0\0\0\0\0\0\0\0' then return nil end
  local high, low = 0, 0
  for i = from + 21, from + 14, -1 do
    low = low * 256 + string.byte(value, i)
    local carry = math.floor(low / 10000000000)
    low = low - carry * 10000000000
    high = high * 256 + carry
  end
  return string.format('%09.0f%010.0f', high, low)
end

-- What is known of a version: the highest, the record that told of it, and from which of the server's milliseconds on nothing higher can
-- have been forgotten. All nil if the versions were lost.
local function version_cell(generation, current, since, name)
  if not current then return nil end
  for _, hash in ipairs({ current, current == '0' and '1' or '0' }) do
    local cell = redis.call('HMGET', base .. 'versions:' .. hash, '_', name)
    if cell[1] ~= generation then return nil end
    if cell[2] then return string.match(cell[2], '^(%d+) (%d+) (%d+)$') end -- one that cannot be read counts as lost
  end
  return nil, nil, text(since + reach)
end

-- A record told of a version. A cell that is raised while nobody can be sure stays unsure for as long as if it were not there.
local function raise_version(generation, told, key, sequence)
  local version, cache = string.match(told, '^(%d+) (.*)$')
  local c = redis.call('HMGET', ctl, 'versions', 'versions_since')
  if not version or not c[1] then return end
  local name = cache .. ':' .. key
  local known, _, sure_from = version_cell(generation, c[1], c[2], name)
  if known and known > version then return end
  redis.call('HSET', base .. 'versions:' .. c[1], name, version .. ' ' .. sequence .. ' ' .. (sure_from or text(milliseconds() + reach)))
end
