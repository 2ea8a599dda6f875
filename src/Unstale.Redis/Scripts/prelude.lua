-- KEYS[1] is the control hash of one partition of a log. Each script lists its keys in its first line.
-- ARGV[1] is '?' if the server hides its run id, else empty. Scripts that publish take the command and the channel next.
-- A chunk runs anew with each call, its functions included, so a script holds only the parts that it needs.
local ctl = KEYS[1]
local base = string.sub(ctl, 1, -4)
