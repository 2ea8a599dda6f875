-- Removes the caches that were not listed since the last rotation. The floor rises, so that no value of a removed cache is read.
local function rotate_caches(caches_new, from, seq)
  redis.call('HSET', ctl, 'caches', caches_new, 'caches_new', '', 'caches_floor', from, 'caches_from', seq)
end

-- Lists a cache, no later than its first value is stored: an invalidated key is removed from every listed cache.
local function list_cache(caches, caches_new, from, seq, cache)
  local function has(list) return string.find(' ' .. list .. ' ', ' ' .. cache .. ' ', 1, true) end
  local function with(list) return list == '' and cache or list .. ' ' .. cache end
  if has(caches_new) then return end
  if #caches_new > 8192 then
    rotate_caches(caches_new, from, seq)
    caches, caches_new = caches_new, ''
  end
  redis.call('HSET', ctl, 'caches_new', with(caches_new), 'caches', has(caches) and caches or with(caches))
end
