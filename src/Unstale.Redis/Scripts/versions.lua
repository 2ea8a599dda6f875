-- Milliseconds for which a version is remembered.
local reach = 600000

-- Version of a value as 19 digits, nil for none. Texts of equal length compare exactly; doubles do not. `from` is the index of byte 52 of the stored
-- value: 53 in a stored value, 1 in the argument of set.
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

-- Cell of a key, as three results: the highest version, the sequence of its record, and the server's time in milliseconds from which on no higher
-- version can have been forgotten. Without a cell the first two are nil. All are nil if the versions were lost; an unreadable cell counts as lost.
local function version_cell(generation, current, since, name)
  if not current then return nil end
  for _, hash in ipairs({ current, current == '0' and '1' or '0' }) do
    local cell = redis.call('HMGET', KEYS[5 + hash], '_', name)
    if cell[1] ~= generation then return nil end
    if cell[2] then return string.match(cell[2], '^(%d+) (%d+) (%d+)$') end
  end
  return nil, nil, text(since + reach)
end

-- Raises the cell of a key to the version that a record reports, '<version> <cache>'. The cell retains its third number. After a loss of the versions,
-- this number is a whole reach from now.
local function raise_version(generation, reported, key, sequence)
  local version, cache = string.match(reported, '^(%d+) (.*)$')
  local c = redis.call('HMGET', ctl, 'versions', 'versions_since')
  if not version or not c[1] then return end
  local name = cache .. ':' .. key
  local highest, _, sure_from = version_cell(generation, c[1], c[2], name)
  if highest and highest > version then return end
  redis.call('HSET', KEYS[5 + c[1]], name, version .. ' ' .. sequence .. ' ' .. (sure_from or text(milliseconds() + reach)))
end
