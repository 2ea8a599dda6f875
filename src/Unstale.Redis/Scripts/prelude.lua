-- KEYS[1] is the control hash of one partition of a log. A script touches no key that is not in KEYS; its first line lists them. Those that write
-- the history have the first six or seven in one order: ctl, tags:0, tags:1, log, versions:0, versions:1, sweep.
-- ARGV[1] is '?' if the server hides its run id, then the number of partitions of the log, nothing for one. Scripts that publish take the command and the channel next.
-- A chunk runs anew with each call, its functions included, so a script holds only the parts that it needs.
local ctl = KEYS[1]
