-- Lists all nodes, and publishes '?', at which each node sends a tail.
-- KEYS: 1 ctl.
-- ARGV: 1 run, 2 command, 3 channel.
-- Reply: generation, then pairs of a node and '<link> <generation> <cursor> <serves-for> <time>'; '' alone if there is no history.
-- Dropped nodes are one entry, 'dropped <number>': a further dropped node changes the name. The nodes of older generations are one entry, 'before'.
-- Neither entry ever confirms.
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
-- Each call writes: a server that must no longer be trusted refuses writes, and so cannot reply.
redis.call('HSET', ctl, 'asked', text(now))
redis.call(ARGV[2], ARGV[3], '?')
local dropped = redis.call('HMGET', ctl, 'dropped', 'dropped_serves')
local list = { c[1] }
local function add(name, entry)
  list[#list + 1] = name
  list[#list + 1] = entry
end
if dropped[1] then add('dropped ' .. dropped[1], '0 - 0 ' .. dropped[2] .. ' ' .. dropped[1]) end
if tonumber(c[3] or 0) > 0 then add('before', '0 - 0 ' .. c[3] .. ' 0') end
local all = redis.call('HGETALL', ctl)
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 5) == 'node:' then
    add(string.sub(all[i], 6), all[i + 1])
  end
end
return list
