-- Puts a cache on the list, before any value of it: an invalidated key goes in every cache of the list.
local function know_cache(caches, cache)
  if not string.find(' ' .. caches .. ' ', ' ' .. cache .. ' ', 1, true) then
    redis.call('HSET', ctl, 'caches', caches == '' and cache or caches .. ' ' .. cache)
  end
end
