-- Drops the nodes without a confirmation within the limit (milliseconds of the server's clock). No guarantee depends on this clock, because a dropped
-- node does not count as confirmed: the number of dropped nodes and the longest of their serves-for remain in the control hash.
local function drop_nodes(now, limit)
  local c = redis.call('HGETALL', ctl)
  local silent, dropped, serves = {}, 0, 0
  for i = 1, #c, 2 do
    if string.sub(c[i], 1, 5) == 'node:' then
      local serves_for, at = string.match(c[i + 1], '(%d+) (%d+)$')
      if not at or math.abs(now - at) > limit then
        silent[#silent + 1] = c[i]
        serves = math.max(serves, tonumber(serves_for or 0))
      end
    elseif c[i] == 'dropped' then
      dropped = tonumber(c[i + 1])
    elseif c[i] == 'dropped_serves' then
      serves = math.max(serves, tonumber(c[i + 1]))
    end
  end
  if #silent > 0 then redis.call('HSET', ctl, 'dropped', text(dropped + #silent), 'dropped_serves', text(serves)) end
  for i = 1, #silent, 4000 do
    redis.call('HDEL', ctl, unpack(silent, i, math.min(i + 3999, #silent)))
  end
end
