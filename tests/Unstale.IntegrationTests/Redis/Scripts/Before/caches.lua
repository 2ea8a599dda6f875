-- Puts a cache on the list, before any value of it: an invalidated key goes in every cache of the list. A cache leaves the list when it was
-- not put on it during a whole turn; the floor rises then, so that no value of a cache that is not listed is ever read.
local function turn_caches(listed, from, seq)
  redis.call('HSET', ctl, 'caches', listed, 'caches_new', '', 'caches_floor', from, 'caches_from', seq)
end

local function know_cache(caches, listed, from, seq, cache)
  local function has(list) return string.find(' ' .. list .. ' ', ' ' .. cache .. ' ', 1, true) end
  local function with(list) return list == '' and cache or list .. ' ' .. cache end
  if has(listed) then return end
  if #listed > 8192 then
    turn_caches(listed, from, seq)
    caches, listed = listed, ''
  end
  redis.call('HSET', ctl, 'caches_new', with(listed), 'caches', has(caches) and caches or with(caches))
end
