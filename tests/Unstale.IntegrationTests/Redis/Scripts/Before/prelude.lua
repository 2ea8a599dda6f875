-- KEYS[1] is the control hash of one partition of a log, "<base>ctl"; all other keys lie beside it, in its slot.
-- KEYS[2] is the channel of records; without it, "<base>ch". Scripts cannot read the database that they run in, and Pub/Sub has none.
-- ARGV[1] is the run id of the server that the connection was made to; '' = ask the server; '?' = the server hides it.
-- A chunk runs anew with each call, its functions included, so a script holds only the parts that it needs.
local ctl = KEYS[1]
local base = string.sub(ctl, 1, -4)
local channel = KEYS[2] or base .. 'ch'
local run = ARGV[1]
if run == '' then run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '?' end
