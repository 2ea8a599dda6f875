-- run. Asks all nodes to confirm, and lists them: generation, then node and "link generation cursor serves-for milliseconds".
local now = milliseconds()
local c = redis.call('HGETALL', ctl)
local generation, members, gone = '', {}, {}
for i = 1, #c, 2 do
  if c[i] == 'gen' then
    generation = c[i + 1]
  elseif string.sub(c[i], 1, 5) == 'node:' then
    local at = tonumber(string.match(c[i + 1], '%d+$'))
    if now - at > 3600000 then
      gone[#gone + 1] = c[i]
    else
      members[#members + 1] = string.sub(c[i], 6)
      members[#members + 1] = c[i + 1]
    end
  end
end
if #gone > 0 then redis.call('HDEL', ctl, unpack(gone, 1, math.min(#gone, 4000))) end
-- A write, so that a server that must not be trusted any more cannot answer.
if generation ~= '' then redis.call('HSET', ctl, 'asked', text(now)) end
redis.call('PUBLISH', channel, '?')
return { generation, unpack(members, 1, math.min(#members, 6000)) }
