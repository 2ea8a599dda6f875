-- run, cache, key, token, 1 = the value of the key goes too. Reply: 1 = ended, 0 = it was not held any more.
local place = base .. 'l:' .. ARGV[2] .. ':' .. ARGV[3]
local held = redis.call('GET', place)
if not held or string.sub(held, 1, #ARGV[4] + 1) ~= ARGV[4] .. ' ' then return 0 end
if ARGV[5] == '1' then redis.call('UNLINK', base .. 'v:' .. ARGV[2] .. ':' .. ARGV[3]) end
return redis.call('UNLINK', place)
