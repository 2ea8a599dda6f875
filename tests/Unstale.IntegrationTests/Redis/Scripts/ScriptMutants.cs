using Unstale.Redis.Scripts;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>One mistake for each mechanism of the scripts.</summary>
internal static class ScriptMutants
{
    public static IReadOnlyList<string> Sources { get; } =
    [
        RedisScripts.Append.Source, RedisScripts.Hear.Source, RedisScripts.Create.Source, RedisScripts.Tail.Source, RedisScripts.Members.Source, RedisScripts.Get.Source, RedisScripts.Lease.Source,
        RedisScripts.Fill.Source, RedisScripts.Release.Source, RedisScripts.Set.Source, RedisScripts.Sweep.Source, RedisScripts.Reap.Source, RedisScripts.Swept.Source,
    ];

    private const string Marks = "records of keys take what was made from them";

    public static IReadOnlyList<ScriptMutant> All { get; } =
    [
        new("records do not name the one before", "'prev', previous, unpack", "'prev', none, unpack", "records are dense and chained"),
        new("an invalidated key keeps its lease", "dead[#dead + 1] = leases[c] .. name", "", "a key goes in every cache, with its lease"),
        new("an invalidated key stays in the other caches", "for cache in string.gmatch(caches, '%S+') do", "for cache in string.gmatch(caches, '^%S+') do", "a key goes in every cache, with its lease"),
        new("a lease does not make its cache known", "know_cache(c[4], ARGV[3])", "", "a key goes in every cache, with its lease"),
        new("a set does not make its cache known", "know_cache(c[5], ARGV[6])", "", "a set is judged by the stamp at its call"),
        new("a tag's cell takes the first record of a batch", "cells[#cells + 1] = s", "cells[#cells + 1] = first", "a tag is judged by its last invalidation"),
        new("tags are not compared", "if cells[i] and tonumber(cells[i]) > stamp then return true, deps end", "", "a tag is judged by its last invalidation"),
        new("an unknown kind is stepped over", "      else\n        everything = true\n      end", "      elseif kind == 'everything' then\n        everything = true\n      end", "everything and what is unknown raise the floor"),
        new("a fill does not look at the floor", "or stamp < tonumber(c[3]) or stamp < tonumber(c[4])", "or stamp < tonumber(c[4])", "everything and what is unknown raise the floor"),
        new("patterns are listed without end", "if listed > most_broad then", "if listed > 1000 then", "patterns above a value are listed, and the 65th is everything"),
        new("a fill does not look at patterns", "or stamp < tonumber(c[3]) or stamp < tonumber(c[4])", "or stamp < tonumber(c[3])", "a fill is judged on the server"),
        new("patterns below the stamp are listed too", "if seq > stamp then above", "if true then above", "patterns above a value are listed, and the 65th is everything"),
        new("a get does not compare the run id", "or (c[1] ~= run and run ~= '?') then return false end\nlocal place = base .. 'v:'", "then return false end\nlocal place = base .. 'v:'", "another run id is another history"),
        new("a tail does not compare the run id", "if stored_run ~= run then return true end", "", "another run id is another history"),
        new("an append goes on in a broken history", "if not c[2] or (c[1] ~= run and run ~= '?') then\n  c = new_generation", "if not c[2] then\n  c = new_generation", "another run id is another history"),
        new("the replication id is not compared", "return replid ~= '?' and stored_replid ~= '?' and stored_replid ~= replid", "return false", "another replication id is another history"),
        new("a proxy is believed", "if run == '' then run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '?' end", "if run == '' then run = '?' end", "behind a proxy the server itself is asked"),
        new("the id at the cursor is not compared", "if is_other(cursor, ARGV[4]) or", "if", "a fork is seen by ids"),
        new("the own id is not compared", "or (own > 0 and is_other(own, ARGV[6]))", "", "a fork is seen by ids"),
        new("a cursor above the log is no fork", "if sequence > seq then return true end", "", "a fork is seen by ids"),
        new("an older link may tail", "if known and known > link then return { 'superseded' } end", "", "an older link is refused"),
        new("a set is not fenced by its link", "and c[13] and string.match(c[13], '^%d+') == ARGV[9]", "", "a set is fenced"),
        new("a set of another generation writes", "elseif c[2] == ARGV[5] and c[13]", "elseif c[13]", "a set is fenced"),
        new("a set does not look at patterns", "and stamp >= tonumber(c[10])", "", "a set is judged by the stamp at its call"),
        new("a set does not look at tags", "may = not above", "may = true", "a set is judged by the stamp at its call"),
        new("a fill above the lease's granting is taken", "or stamp > tonumber(granted)", "", "a fill is judged on the server"),
        new("any lease will do", "if token ~= ARGV[5] or generation", "if generation", "a fill is judged on the server"),
        new("a fill keeps its lease", "redis.call('UNLINK', base .. 'l:' .. name)", "", "a fill is judged on the server"),
        new("anybody may release", "if not held or string.sub(held, 1, #ARGV[4] + 1) ~= ARGV[4] .. ' ' then return 0 end", "if not held then return 0 end", "a lease belongs to its token"),
        new("a lost hash of tags counts as empty", "if cells[1] ~= generation then return true, deps end", "", "lost tags take what they knew with them"),
        new("lost tags are made again without a floor", "redis.call('HSET', ctl, 'tags_from', c[4], 'tags_floor', c[4], 'tags_at', text(now))", "", "lost tags take what they knew with them"),
        new("a lost older hash of tags is passed over", "    hash = hash == '0' and '1' or '0'\n  until", "    hash = current\n  until", "lost tags take what they knew with them"),
        new("the older hash of tags is never asked", "if stamp >= tonumber(since) then return false, deps end", "if true then return false, deps end", "tags take turns"),
        new("turned tags leave no floor", "'tags_floor', c[8], ", "", "tags take turns"),
        new("what came since the sweep began leaves the list too", "redis.call('HSET', ctl, 'broad', broads_above(c[3], newest))", "redis.call('HSET', ctl, 'broad', '')", "a sweep takes from the list what it began with"),
        new("several sweep at once", "if held and held ~= ARGV[3] then return false end", "", "a sweep takes from the list what it began with"),
        new("what is newer is reaped", "or stamp < tonumber(ARGV[i + 1])", "or true", "what is newer is not reaped"),
        new("one of several tags is enough", "for t = 1, #later[i] do all = all and carried[later[i][t]] end", "for t = 1, #later[i] do all = carried[later[i][t]] or all end", "what is newer is not reaped"),
        new("whoever comes second creates again", "if is_broken(c[1], c[2], c[3]) or c[3] == ARGV[3] then", "if true then", "who comes second creates nothing"),
        new("a new generation keeps the log", "redis.call('UNLINK', ctl, base .. 'log',", "redis.call('UNLINK', ctl,", "who comes second creates nothing"),
        new("what was claimed is appended all the same", "if not redis.call('GET', claim) then", "if true then", "what several nodes heard is one record"),
        new("no claim is left", "if ARGV[at] ~= '' then redis.call('SET', claim, '', 'PX', ARGV[5]) end", "", "what several nodes heard is one record"),
        new("a claim has no end", "redis.call('SET', claim, '', 'PX', ARGV[5])", "redis.call('SET', claim, '')", "what several nodes heard is one record"),
        new("a claim outlives its generation", "base .. 'heard:' .. c[2] .. ':' .. ARGV[at]", "base .. 'heard:' .. ARGV[at]", "what several nodes heard is one record"),
        new("what has no claim is claimed", "if ARGV[at] ~= '' then redis.call('SET', claim, '', 'PX', ARGV[5]) end", "redis.call('SET', claim, '', 'PX', ARGV[5])", "what several nodes heard is one record"),
        new("what was heard goes on in a broken history", "  if not c[2] or (c[1] ~= run and run ~= '?') then\n    c = new_generation", "  if not c[2] then\n    c = new_generation", "another run id is another history for what was heard"),
        new("records of keys raise no marks", "if deps then\n          cells", "if false then\n          cells", Marks),
        new("records of keys raise marks that nobody carries", "if deps then\n          cells", "if true then\n          cells", Marks),
        new("what was heard raises no marks", "c[6], c[7], c[8], at + 1", "c[6], c[7], nil, at + 1", Marks),
        new("a value of before marks were raised is taken", "if not deps or stamp < tonumber(deps) then", "if not deps then", Marks),
        new("what carries no mark is judged as if it did", "if marked then", "if true then", Marks),
        new("the record of the set that begins marks raises none", "c[6], c[7], deps, 13, 1", "c[6], c[7], c[14], 13, 1", "a set is judged by what its value was made from"),
        new("a swept pattern is forgotten by what was made from what it matched", "tags[#tags + 1] = any_mark", "", "swept patterns take what was made from the keys they matched"),
        new("a swept all-of counts as a pattern", " and not string.find(record, '^%d+:allof:')", "", "swept patterns take what was made from the keys they matched"),
        new("a pattern that stays listed counts as swept", "if seq <= newest and not", "if not", "swept patterns take what was made from the keys they matched"),
        new("swept patterns are raised before values carry marks", "if c[4] and pattern > 0 then", "if pattern > 0 then", "swept patterns take what was made from the keys they matched"),
        new("another format is read", "string.sub(value, 1, 36) ~= 'UNS1' .. generation", "string.sub(value, 5, 36) ~= generation", "garbage is a miss"),
    ];
}
