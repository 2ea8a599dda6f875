-- Takes nodes off the list that have not confirmed for long, by the server's wall clock. So that no guarantee rests on that clock, a node that
-- was taken off does not count as confirmed: how many there were, and the longest that one of them may serve, stays with the list.
local function drop_nodes(now, limit)
  local c = redis.call('HGETALL', ctl)
  local gone, dropped, serves = {}, 0, 0
  for i = 1, #c, 2 do
    if string.sub(c[i], 1, 5) == 'node:' then
      local told, at = string.match(c[i + 1], '(%d+) (%d+)$')
      if not at or math.abs(now - at) > limit then
        gone[#gone + 1] = c[i]
        serves = math.max(serves, tonumber(told or 0))
      end
    elseif c[i] == 'dropped' then
      dropped = tonumber(c[i + 1])
    elseif c[i] == 'dropped_serves' then
      serves = math.max(serves, tonumber(c[i + 1]))
    end
  end
  if #gone > 0 then redis.call('HSET', ctl, 'dropped', text(dropped + #gone), 'dropped_serves', text(serves)) end
  for i = 1, #gone, 4000 do
    redis.call('HDEL', ctl, unpack(gone, i, math.min(i + 3999, #gone)))
  end
end
