-- Decimal digits of an integer. The default conversion changes to an exponent at 10^14.
local function text(number)
  return string.format('%.0f', number)
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
