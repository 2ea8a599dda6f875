-- Stamp of a stored value, which begins with 'UNS1', the generation, and the stamp in 16 digits; nil for another format or generation.
local function stamp_of(value, generation)
  if #value < 92 or string.sub(value, 1, 36) ~= 'UNS1' .. generation then return nil end
  return tonumber(string.sub(value, 37, 52))
end

-- Tags of a value, nil if unreadable. `from` is the index of byte 52 of the stored value: 53 in a stored value, 1 in the argument of set.
local function tags_of(value, from)
  local count = string.byte(value, from + 34) * 256 + string.byte(value, from + 35)
  local a, b, c, d = string.byte(value, from + 36, from + 39)
  local at = from + 40
  local stop = at + ((a * 256 + b) * 256 + c) * 256 + d
  if count > 4000 or stop > #value + 1 then return nil end
  local tags = {}
  for i = 1, count do
    if at + 2 > stop then return nil end
    local first, second = string.byte(value, at, at + 1)
    local next = at + 2 + first * 256 + second
    if next > stop then return nil end
    tags[i] = string.sub(value, at + 2, next - 1)
    at = next
  end
  return tags
end

local function sixteen_digits(number)
  return string.format('%016.0f', tonumber(number))
end

-- Ending that scripts append to a value of form 2 or later: the end of its life in milliseconds of the server's clock, the sequence as of which the
-- value is confirmed, and the minute of the confirmation.
local function ending(form, life, stamp)
  if form < 2 then return '' end
  local now = redis.call('TIME')
  return sixteen_digits(now[1] * 1000 + math.floor(now[2] / 1000) + life) .. sixteen_digits(stamp) .. string.format('%08.0f', math.floor(now[1] / 60))
end
