-- KEYS[1] is the control hash of one partition of a log, "<base>ctl"; all other keys lie beside it, in its slot.
-- ARGV[1] is the run id of the server that the connection was made to; '' = ask the server; '?' = the server hides it.
local ctl = KEYS[1]
local base = string.sub(ctl, 1, -4)
local none = '0000000000000000'

-- The plain conversion of numbers turns to exponents at 10^14.
local function text(number)
  return string.format('%.0f', number)
end

local function info(section, field)
  local reply = redis.pcall('INFO', section)
  if type(reply) ~= 'string' then return '?' end
  return string.match(reply, field .. ':(%x+)') or '?'
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local run = ARGV[1]
if run == '' then run = info('server', 'run_id') end

-- True if this server's process is the one that began the generation.
local function is_same(stored, actual)
  return actual == '?' or stored == actual
end
