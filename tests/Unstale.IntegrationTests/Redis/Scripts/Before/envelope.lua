-- The front of a stored value: 'UNS1', the generation, the stamp in 16 digits; nil if it is another format or generation.
local function stamp_of(value, generation)
  if #value < 92 or string.sub(value, 1, 36) ~= 'UNS1' .. generation then return nil end
  return tonumber(string.sub(value, 37, 52))
end

-- The tags of a value whose bytes from 52 on begin at `from`; nil if they cannot be read.
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
