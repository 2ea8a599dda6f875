local function minute()
  return string.format('%08.0f', math.floor(redis.call('TIME')[1] / 60))
end

local function is_same(section, field, stored)
  local reply = redis.pcall('INFO', section)
  return type(reply) == 'string' and string.match(reply, field .. ':(%x+)') == stored
end

-- Writes the newest sequence into the value at KEYS[4], at most once a minute: the tags confirm the value as of this sequence. The caller has found the
-- value valid and no selector above its stamp, because only nodes can match selectors. Nothing is written if the history is broken, because the server
-- may then lack a record, or if the server denies the check. The failure of a write is ignored.
local function confirm(value, newest)
  if string.byte(value, 58) < 2 or string.sub(value, -24, -9) == sixteen_digits(newest) or string.sub(value, -8) == minute() or string.byte(ARGV[1]) == 63 then return end
  local stored = redis.call('HMGET', ctl, 'run', 'replid')
  if is_same('server', 'run_id', stored[1]) and is_same('replication', 'master_replid', stored[2]) then
    redis.pcall('SETRANGE', KEYS[4], #value - 24, sixteen_digits(newest) .. minute())
  end
end
