-- KEYS[1] is the control hash of one partition of a log. A script uses no key outside KEYS. The file of each script begins with lists of its KEYS and
-- ARGV, numbered, and of its replies. Scripts that append, follow, repair or begin a history have their first keys in one order:
-- ctl, tags:0, tags:1, log, versions:0, versions:1, sweep.
-- ARGV[1], run, is '?' if the server hides its run id, then the number of partitions if the log has several.
-- Each call creates the functions of its script anew, so a script includes only the parts that it uses.
local ctl = KEYS[1]
