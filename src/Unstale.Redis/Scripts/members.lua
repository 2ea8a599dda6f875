-- KEYS: ctl.
-- run, command, channel. Asks all nodes to confirm, and lists them: generation, then node and "link generation cursor serves-for milliseconds". Those that were
-- taken off the list are one node that never confirms, with another name when there are more; those of older generations are "before".
local now = milliseconds()
local c = redis.call('HMGET', ctl, 'gen', 'nodes_at', 'served_before')
if not c[1] then
  redis.call(ARGV[2], ARGV[3], '?')
  return { '' }
end
if not c[2] or math.abs(now - c[2]) > 3600000 then
  drop_nodes(now, 3600000)
  redis.call('HSET', ctl, 'nodes_at', text(now))
end
-- A write, so that a server that must not be trusted any more cannot answer.
redis.call('HSET', ctl, 'asked', text(now))
redis.call(ARGV[2], ARGV[3], '?')
local gone = redis.call('HMGET', ctl, 'dropped', 'dropped_serves')
local list = { c[1] }
local function add(name, entry)
  list[#list + 1] = name
  list[#list + 1] = entry
end
if gone[1] then add('dropped ' .. gone[1], '0 - 0 ' .. gone[2] .. ' ' .. gone[1]) end
if tonumber(c[3] or 0) > 0 then add('before', '0 - 0 ' .. c[3] .. ' 0') end
local all = redis.call('HGETALL', ctl)
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 5) == 'node:' then
    add(string.sub(all[i], 6), all[i + 1])
  end
end
return list
