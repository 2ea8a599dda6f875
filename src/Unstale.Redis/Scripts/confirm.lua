local function minute()
  return string.format('%08.0f', math.floor(redis.call('TIME')[1] / 60))
end

local function is_same(section, field, stored)
  local reply = redis.pcall('INFO', section)
  return type(reply) == 'string' and string.match(reply, field .. ':(%x+)') == stored
end

-- Notes in the value at KEYS[4] that it is true as of the newest record by all that it carries, at most once a minute. Patterns are matched by
-- nodes alone, so not while one above the value is listed. A server whose history is broken may lack a record that others have, and one that lets
-- no script ask whether it is does not know: nothing is noted then. A server that refuses to write answers all the same.
local function confirm(value, newest)
  if string.byte(value, 58) < 2 or string.sub(value, -24, -9) == sixteen(newest) or string.sub(value, -8) == minute() or string.byte(ARGV[1]) == 63 then return end
  local of = redis.call('HMGET', ctl, 'run', 'replid')
  if is_same('server', 'run_id', of[1]) and is_same('replication', 'master_replid', of[2]) then
    redis.pcall('SETRANGE', KEYS[4], #value - 24, sixteen(newest) .. minute())
  end
end
