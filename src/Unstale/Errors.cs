using System.Globalization;

namespace Unstale;

/// <summary>All error messages of this assembly. A message contains the event, the setting with its value, and the remedy.</summary>
internal static class Errors
{
    /// <summary>Maximum number of partitions of one log. A record of a tag is appended to each.</summary>
    public const int MostPartitions = 256;

    public static FormatException GenerationFormat(ReadOnlySpan<char> text) =>
        new($"'{text}' is no generation: it has 32 hexadecimal digits.");

    public static FormatException PositionFormat(string? text) =>
        new($"'{(text?.Length > 100 ? text[..100] + "..." : text)}' is no log position: one is written partition-generation-sequence, several are separated by commas.");

    public static ArgumentException PatternLength(string text, int maximum) =>
        new($"A pattern has 1 to {maximum} characters, this one has {text.Length}. To reach all keys, invalidate everything.", nameof(text));

    public static ArgumentException RegexRefused(string text, ArgumentException why) =>
        new($"The regular expression '{text}' is refused: {why.Message}", nameof(text), why);

    public static ArgumentException RegexNotLinear(string text, NotSupportedException why) =>
        new($"The regular expression '{text}' is refused: {why.Message} Patterns run on the linear-time engine, which has no "
            + "lookarounds, backreferences, atomic groups or conditionals, and no repetitions that multiply without measure.", nameof(text), why);

    public static ArgumentException SegmentId(string id) =>
        new($"The id of a segment is '{id}': it is not empty. Give it as it stands in the key.", nameof(id));

    public static ArgumentException KeyNamespace(string ns) =>
        new($"'{ns}' is no namespace of a key: it is not empty and holds neither ':' nor '%'. Give what follows the first ':' as parts.", nameof(ns));

    public static InvalidDataException PayloadMark(Type type) =>
        new($"The stored bytes are no value of type '{type}': they do not begin with the mark that tells null from a value.");

    public static InvalidDataException NotReadBack(Type type) =>
        new($"A value of type '{type}' cannot be kept, because the serializer did not read back the value that it wrote. JSON loses members without a setter or a constructor parameter, "
            + "and turns the order of a stack. Register an IHybridCacheSerializer<T> for it, or, if it never changes, make it sealed and mark it [ImmutableObject(true)].");

    public static NotSupportedException JsonCannot(Type type, string why, Exception? inner = null) =>
        new($"A value of type '{type}' cannot be kept as JSON: {why} Register an IHybridCacheSerializer<T> for it, "
            + "or, if it never changes, make it sealed and mark it [ImmutableObject(true)].", inner);

    public static ArgumentException EmptyName(string what) => new($"The {what} is empty. Name what is meant.", what);

    /// <summary>Returns the exception for a refused name in a list, with the index of the name.</summary>
    public static ArgumentException Refused(string list, int at, ArgumentException refusal) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{list}[{at}]: {Sentence(refusal)} The other names of the call are invalidated."), list, refusal);

    private static string Sentence(ArgumentException refusal) =>
        refusal.ParamName is null ? refusal.Message : refusal.Message[..refusal.Message.LastIndexOf(" (", StringComparison.Ordinal)];

    public static ArgumentException KeyTooLong(int length, int maximum) =>
        new($"The key has {length} characters; {nameof(UnstaleOptions.MaximumKeyLength)} is {maximum}. Use CacheKey.Hashed for long keys, or raise the option.", "key");

    public static ArgumentException TagTooLong(string tag, int maximum) =>
        new($"The tag '{tag.AsSpan(0, Math.Min(32, tag.Length))}...' has {tag.Length} characters; {nameof(UnstaleOptions.MaximumKeyLength)} is {maximum}. Shorten it, or raise the option.", nameof(tag));

    public static ArgumentException TagTooLarge(string tag, int bytes, int maximum) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The tag '{tag.AsSpan(0, Math.Min(32, tag.Length))}...' has {bytes} bytes as UTF-8; {maximum} is the most. Shorten it."), nameof(tag));

    public static ArgumentException HalfPair(string what, int at) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The {what} holds half of a surrogate pair at index {at}: outside this process it could not be told from others. ")
            + "Cut text between whole characters, or encode it.", what);

    public static ArgumentException TagLikeMark() =>
        new("A tag does not begin with U+0000: such names stand for the keys that a value was made from. Leave that character out.", "tag");

    public static ArgumentException EverythingAsTag() => new("'*' is no tag of an entry: invalidating the tag '*' means everything.", "tags");

    public static ArgumentException NothingNamed() =>
        new("The invalidation names no key, tag or pattern. To take everything, call InvalidateEverythingAsync.", "keys");

    public static ArgumentException AllOfTooLong(int tags, int length, int maximum) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The {tags} tags that an entry has to carry all have {length} characters together; {maximum} is the most. ")
            + "Name fewer, or give the entries a shorter tag that stands for them.", "allOf");

    public static ArgumentException EntityWithoutId(string resource) =>
        new($"A change of '{resource}' with ChangeScope.Entity needs an id. Without one, use ChangeScope.Resource.", "id");

    public static ArgumentOutOfRangeException VersionRange(object value) =>
        new("version", $"The version of the source is {value}; it has to be from 1 to {long.MaxValue}. 0 stands for none.");

    public static ArgumentException RowVersionLength(int length) =>
        new($"A rowversion has 8 bytes, this one has {length}. Hand over the column's bytes as they are.", "bytes");

    public static NotAppliedException NotApplied(ReceiptState state) =>
        new($"The invalidation has no position: it is {state}. Check InvalidationReceipt.State, or {Advice(state)}.");

    private static string Advice(ReceiptState state) => state switch
    {
        ReceiptState.Pending => "flush the batch or end the scope that it waits in",
        ReceiptState.Dropped => "complete the scope and commit the transaction that it is raised in",
        _ => "wait until the log can be reached",
    };

    public static NotAppliedException NothingRaised() =>
        new("The scope has raised nothing in this log, so there is no position. InvalidationReceipt.Positions is empty then.");

    public static InvalidOperationException ScopeCompletedTwice() =>
        new("The scope is completed already: what it had collected is raised once. Begin another one for more work.");

    public static ObjectDisposedException ScopeDisposed() =>
        new("InvalidationScope", "The scope was disposed, and what it had collected is forgotten. Complete it before it is disposed.");

    public static InvalidOperationException ScopeOpenInside(int open) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{open} of the scopes that were begun inside this one {(open == 1 ? "is" : "are")} still open. Complete or dispose them first."));

    public static InvalidOperationException ScopeOfAnotherFlow() =>
        new("The scope was begun in another flow of calls, so it has collected nothing of this one: what was raised here was raised at once. "
            + "Begin it where its work is done; an async method that begins one and returns it leaves it behind in itself.");

    public static InvalidOperationException TransactionIsCompleting() =>
        new("The TransactionScope around is completed and not disposed: its transaction takes nothing more, and whether it will be committed is not known yet. "
            + "Raise what became untrue before Complete is called, or after the scope is disposed.");

    public static InvalidOperationException WaitsForOwnScope() =>
        new("The receipt is of the scope or transaction that is still open here: nothing is raised before that ends, so the wait would not end. Wait after it is completed.");

    public static ArgumentOutOfRangeException RepeatAfter(TimeSpan lag, TimeSpan most) =>
        new("RepeatAfter", OutOfRange("RepeatAfter", lag, TimeSpan.Zero, most));

    public static ObjectDisposedException LogClosed(string log) =>
        new(log, $"The log '{log}' was closed in this process before every node had applied the invalidation. Wait for it before the services are disposed.");

    public static ObjectDisposedException LogEnded(string log) =>
        new(log, $"The log '{log}' was closed in this process: no invalidation is taken any more. Raise it before the services are disposed.");

    public static ArgumentOutOfRangeException WaitLimit(TimeSpan limit) =>
        new(nameof(limit), $"The limit of a wait is {limit}; it has to be from zero to {TimeSpan.FromDays(1)}, or Timeout.InfiniteTimeSpan.");

    public static OwnKeyException OwnKey(IEnumerable<string> chain) =>
        new($"A factory reads the key that it is filling: {string.Join(" -> ", chain)}. Read the source there, or another key.");

    public static LoadTimeoutException LoadTimeout(string cache, string key, TimeSpan limit) =>
        new($"Cache '{cache}': the load of '{key}' took longer than {nameof(UnstaleEntryOptions.LoadTimeout)} ({limit}) and was abandoned. See what its source waits for, or raise the limit.", nameof(UnstaleEntryOptions.LoadTimeout), limit);

    public static LoadTimeoutException WaitTimeout(string cache, string key, TimeSpan limit) =>
        new($"Cache '{cache}': another caller's load of '{key}' did not end within {nameof(UnstaleEntryOptions.WaitTimeout)} ({limit}). See what its source waits for, or raise the limit.", nameof(UnstaleEntryOptions.WaitTimeout), limit);

    public static ArgumentOutOfRangeException CallTimeout(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
        new("options", OutOfRange(setting, value, least, most) + " Timeout.InfiniteTimeSpan is no limit.");

    public static ObjectDisposedException LoadServicesEnded(string key) =>
        new("Services", $"The load of '{key}' has ended, and its services are disposed. Await everything that uses them inside the load.");

    public static InvalidOperationException FactoryHasEnded(string key) =>
        new($"The factory of '{key}' has ended, so its FillContext takes nothing more. Await every branch that uses it before the factory returns.");

    public static InvalidOperationException SetIsRaised() =>
        new("The InvalidationSet is raised already and takes nothing more. Add to it before the rule that was given it returns.");

    public static NotTrustedException NotTrusted(string cache, string log, TimeSpan? sinceConfirmed, TimeSpan bound) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Cache '{cache}' cannot confirm what it holds: the log '{log}' {Confirmed(sinceConfirmed)} ({nameof(UnstaleOptions.StalenessBound)} is {bound}), ")
            + $"and {nameof(UnstaleOptions.WhenNotTrusted)} is {UntrustedReads.Throw}. See that the log can be reached and written to; "
            + $"to read from the source meanwhile, set {nameof(UnstaleOptions.WhenNotTrusted)} to {UntrustedReads.FromSource}.", log, sinceConfirmed);

    private static string Confirmed(TimeSpan? since) =>
        since is { } time ? string.Create(CultureInfo.InvariantCulture, $"last confirmed it {time.TotalSeconds:0.0} s ago") : "has never confirmed it";

    public static string LogAway(string log, TimeSpan deadline) =>
        $"The log '{log}' has not taken the invalidation within {deadline} ({nameof(UnstaleOptions.AppendDeadline)}), and {nameof(UnstaleOptions.WhenLogIsAway)} is {UnsentInvalidations.Throw}. "
        + "It is in force on this node and stays queued until the log is reached: do not raise it again. The receipt of this exception tells when it is applied.";

    /// <summary>Reasons for which loads of a cache are limited.</summary>
    public const string Untrusted = "cannot confirm what it holds";
    public const string Cold = "has just forgotten everything";
    public const string Bypassed = "is bypassed";
    public const string NotShareable = "cannot share the value among its callers";

    public static LoadLimitExceededException LoadLimit(string cache, string why, int atOnce, int waiting) =>
        new($"Cache '{cache}' {why} and reads from the source: {atOnce} loads run ({nameof(UnstaleOptions.UntrustedLoads)}) "
            + $"and {waiting} wait ({nameof(UnstaleOptions.UntrustedLoadsWaiting)}). Try again later, or raise the options.");

    public static string HalfPairInSetting(string setting, int at) =>
        string.Create(CultureInfo.InvariantCulture, $"{setting} holds half of a surrogate pair at index {at}: outside this process it could not be told from others. Cut text between whole characters.");

    public static string EmptyLogName =>
        $"{nameof(UnstaleOptions.Log)} is empty. Name the invalidation log, or leave it at its default.";

    public static string OutOfRange(string setting, int value, int least, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"{setting} is {value}; it has to be from {least} to {most}.");

    public static string OutOfRange(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
        $"{setting} is {value}; it has to be from {least} to {most}.";

    public static string UnknownChoice<T>(string setting, T value)
        where T : struct, Enum => $"{setting} is {value}; it has to be one of {string.Join(", ", Enum.GetNames<T>())}.";

    public static string ServesForNoTime(TimeSpan value) =>
        $"{nameof(UnstaleOptions.WhenNotTrusted)} is {UntrustedReads.Serve} and {nameof(UnstaleOptions.ServeUntrustedFor)} is {value}. Say how long, above zero and at most a day, or do not serve what is not confirmed.";

    public static string ServesWithoutSayingSo(UntrustedReads mode, TimeSpan value) =>
        $"{nameof(UnstaleOptions.ServeUntrustedFor)} is {value} and {nameof(UnstaleOptions.WhenNotTrusted)} is {mode}, which serves nothing that is not confirmed. Set it to {UntrustedReads.Serve}, or leave {nameof(UnstaleOptions.ServeUntrustedFor)} at zero.";

    public static string NotPositive(string setting, TimeSpan value) =>
        $"{setting} is {value}; it has to be above zero.";

    public static string TooShort(string setting, TimeSpan value, TimeSpan least) =>
        $"{setting} is {value}; it has to be at least {least}.";

    public static string Above(string where, string setting, TimeSpan value, string limit, TimeSpan limitValue) =>
        $"{where}: {setting} ({value}) is above {limit} ({limitValue}). Lower the one or raise the other.";

    public static InvalidOperationException PartialTarget(string target, string cache, Enum abilities) =>
        new($"The target '{target}' of the cache '{cache}' cannot be told to forget everything (its Abilities are {abilities}), and AcceptsPartial is False. "
            + "After a gap in the log it would go on serving what was invalidated. Give it a way to forget everything, or set AcceptsPartial.");

    public static InvalidOperationException TargetTwice(string target, string cache) =>
        new($"The cache '{cache}' has two targets named '{target}'. Give one of them another name.");

    public static InvalidOperationException TargetObeysALog(string target, string cache) =>
        new($"The target '{target}' of the cache '{cache}' is an UnstaleCache: it obeys a log of its own, and telling it would raise what it hears once more. "
            + $"Give both caches the same {nameof(UnstaleOptions.Log)} instead.");

    public static string TargetQueue(string target, int value, int least, int most) =>
        $"The target '{target}': {OutOfRange("QueueCapacity", value, least, most)}";

    public static InvalidOperationException ContradictingTerms(string log, string setting, object one, object other) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Two caches obey the log '{log}', one with {setting} {one} and one with {other}. A log has one: give both caches the same."));

    public static InvalidOperationException ContradictingPlaces(string log, (string Cache, string Place) one, (string Cache, string Place) other) =>
        new($"The caches '{one.Cache}' and '{other.Cache}' obey the log '{log}' in different places: {one.Place}, and {other.Place}. "
            + $"Give both the same, or name another {nameof(UnstaleOptions.Log)} for one of them.");

    public static InvalidOperationException RecordsAcrossPartitions(string cache, string log, int partitions, string setting) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Cache '{cache}': {setting} is true, and the log '{log}' has {partitions} partitions. A record of a key reaches the partition of that key alone, so a value of another partition that was made from it would stay in force. ")
            + $"Set {setting} to false and give the values the same tag, or use one partition.");

    public static ArgumentException CallRecordsAcrossPartitions() =>
        new($"{nameof(UnstaleEntryOptions)}.{nameof(UnstaleEntryOptions.RecordDependencies)} is true, and the log of the cache has several partitions, over which reads are not recorded. Leave it out, and give the values the same tag.");

    public static InvalidOperationException PartitionCount(string log, int partitions) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The log '{log}' has {partitions} partitions. Expected 1 to {MostPartitions}."));

    public static InvalidOperationException LogRegisteredTwice(string log, string cache, string place) =>
        new($"The log '{log}' is registered as a keyed service, and the cache '{cache}' has it in {place}. Keep one of the two.");

    public static InvalidOperationException RuleRefused(string path, string? rule, string why, Exception? inner = null) =>
        new($"The configuration of rules is wrong at '{path}'{(rule is null ? "" : $", in the rule '{rule}'")}: {why}", inner);

    public static InvalidOperationException OptionsRefused(string path, string why, Exception? inner = null) =>
        new($"The configuration of a cache is wrong at '{path}': {why}", inner);

    public const string NoOptionsSection = "There is no such section. Name the one that holds the options.";

    public static string NotATime(string text) => $"'{text}' is no time. Write a number of seconds, such as 300, or hours, minutes and seconds, such as 00:05:00.";

    public const string RuleNameTaken = "There is a rule of that name already. Name one of the two otherwise.";

    public const string NoRuleSection = "There is no such section. Name the one that holds the rules; for none, write an empty list.";

    public const string NotAList = "It is one text. Write a list of sections.";

    public const string NotAText = "It is a section, or nothing. Write a text.";

    public const string NothingThere = "There is nothing. Write a text.";

    public static string NotASection(string[] keys) => $"It is one text. Write a section with some of {string.Join(", ", keys)}.";

    public static string UnknownKey(string[] keys) => $"There is no such key. Known are {string.Join(", ", keys)}.";

    public static string NoSuchChoice(string text, string[] names) => $"'{text}' is none of {string.Join(", ", names)}.";

    public static string NotANumber(string text) => $"'{text}' is no whole number.";

    public static string NotAFlag(string text) => $"'{text}' is neither true nor false.";

    public static string UnknownCondition(string name, IEnumerable<string> known) =>
        $"There is no condition '{name}'. Known are {(string.Join(", ", known) is { Length: > 0 } names ? names : "none")}; add it with AddCondition.";

    public static ArgumentException NullInFront(string what) =>
        new($"The {what} begins with U+0000, which marks what entries are made from. Name it otherwise.", what);

    public static ArgumentException EverythingAsName(string what) =>
        new($"'*' is no {what}: it would be every name there is. Say the names; a rule that takes the tag '*' takes everything.", what);

    public static ArgumentException RelationshipWithoutTargets(string source) =>
        new($"The relationship of '{source}' has no target. Name what a change of it spreads to.", "targets");

    public static ArgumentOutOfRangeException DepthBelowOne(int depth) =>
        new(nameof(depth), string.Create(CultureInfo.InvariantCulture, $"The depth of a relationship is {depth}; it is at least 1, which is its targets alone."));

    public static ArgumentException RuleWithoutTrigger(string rule) =>
        new($"The rule '{rule}' has no trigger. Say what sets it off.", "triggers");

    public static ArgumentException RuleTakesNothing(string rule) =>
        new($"The rule '{rule}' takes nothing. Name a tag, a key, a pattern, a relationship or a dependency.", "tags");

    public static ArgumentException RuleTwice(string rule) =>
        new($"There is a rule '{rule}' already. Remove it first, or name the other one otherwise.", "name");

    public static ArgumentException UnknownStrategy(string rule, Enum strategy) =>
        new($"The rule '{rule}' has the strategy {strategy}; there are {string.Join(", ", Enum.GetNames(strategy.GetType()))}.", nameof(strategy));

    public static ArgumentException UnknownOperation(string rule, Enum operation) =>
        new($"The rule '{rule}' is about the operation {operation}; there are {string.Join(", ", Enum.GetNames(operation.GetType()))}.", nameof(operation));

    public static ArgumentException ServeOnceStrategy(string rule, Enum strategy) =>
        new($"The rule '{rule}' has ServeStaleOnce and the strategy {strategy}. Serving an old value once goes with Lazy: set that, or leave ServeStaleOnce.", "serveStaleOnce");

    public static ArgumentException ServeOnceNeedsTags(string rule) =>
        new($"The rule '{rule}' has ServeStaleOnce and names keys, globs, patterns or dependencies. Only tags can be served once: name those in another rule.", "serveStaleOnce");

    public static ArgumentException DependsOnNothing(string key) =>
        new($"The key '{key}' is said to depend on nothing. Name the keys or tags that it is computed from.", "on");

    public static ArgumentException BraceAlone(string text, int at) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{text}' has a brace at index {at} that stands alone. A placeholder is written {{name}}, a brace itself {{{{ or }}}}."), nameof(text));

    public static ArgumentException PlaceholderName(string text, string name) =>
        new($"'{text}' has a placeholder '{name}': its name begins with a letter and has letters, digits, '_', '-' and '.'. A brace itself is written {{{{ or }}}}.", nameof(text));

    public static InvalidOperationException QueryWithoutName(Type type) =>
        new($"The query '{type}' has a name that only the compiler gave it and that changes with every build. Declare a type for it, or give it a [QueryName].");

    public static InvalidOperationException QueryIsAbstract(Type type) =>
        new($"'{type}' is no query itself but an interface or abstract: results carry the name of their query's own type. Name each of the queries, or give them a tag in common.");

    public static InvalidOperationException QueryNameRefused(Type type, string? name) =>
        new($"The [QueryName] of '{type}' is '{name}': it is not empty and holds neither ':' nor the wildcards '*', '?', '[', ']' and '\\'.");

    public static InvalidOperationException QueryNameTaken(string name, Type owner, Type type) =>
        new($"The queries '{owner}' and '{type}' have the same name '{name}' in keys, and would be given each other's results. Give one of them a [QueryName].");

    public static InvalidOperationException QueryHasNoHash(Type query, IEnumerable<string> path, string why) =>
        new($"The query '{query}' has no hash for a key. {string.Join('.', path.Prepend("It"))}: {why}. Implement ICacheableQuery and give it a key, or mark what does not change the result with [JsonIgnore].");

    public static InvalidOperationException QueryMembersHidden(Type query) =>
        new($"The query '{query}' has no hash for a key: the application is compiled ahead of time, where not all of its members are visible, and two different queries could have one hash. Implement ICacheableQuery and give it a key.");

    public static ArgumentException NoTextOf(Type type, string argument) =>
        new($"A value of type '{type}' has no text that distinguishes it from others, so it cannot stand in a name. Give one of its members, or let the type implement IFormattable.", argument);

    public static string KeyPrefixRefused(string setting, string prefix) =>
        $"{setting} is '{prefix}'; it is not empty, does not end with ':' and holds none of the wildcards '*', '?', '[', ']' and '\\'.";

    public static InvalidOperationException CommandResult(Type command, Type expected, object? result) =>
        new($"The command '{command}' returned {(result is null ? "null" : $"a '{result.GetType()}'")}, and a rule for it expects a '{expected}'. Take the type that it returns, or write the rule without a result.");

    public static ObjectDisposedException EventsEnded(string cache) =>
        new(cache, $"The domain events of the cache '{cache}' were closed: nothing is published any more. Publish before the services are disposed.");

    public static ArgumentException PlaceholderInGlob(string text) =>
        new($"The glob '{text}' has a placeholder within brackets or behind a backslash. Its value stands for itself: write it outside.", nameof(text));

    public static string GuardWithoutLimit =>
        $"{nameof(UnstaleOptions.ChangeGuard)} limits nothing. Set {nameof(ChangeGuard.MaximumEntries)} or {nameof(ChangeGuard.MaximumDepth)}, or leave it null.";

    public static string ChangeTooLarge(string change, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"The change '{change}' was not raised: it would take more than {limit} entries of this process ({nameof(UnstaleOptions.ChangeGuard)}.{nameof(ChangeGuard.MaximumEntries)}). ")
        + WhatToDo;

    public static string ChangeTooDeep(string change, int depth, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"The change '{change}' was not raised: it would walk {depth} levels of relationships or dependencies, and {nameof(UnstaleOptions.ChangeGuard)}.{nameof(ChangeGuard.MaximumDepth)} is {limit}. ")
        + WhatToDo;

    private const string WhatToDo = "What it made untrue is still served. PreviewAsync shows what takes how much; narrow the change or the rules, raise the limit, or invalidate by name.";

    public static InvalidOperationException OtherHybridCache(string cache, string? key, Type other) =>
        new($"The service HybridCache{(key is null ? "" : $" with the key '{key}'")} is registered with '{other}' and not the cache '{cache}': code that injects it would not be reached by "
            + $"invalidations. Remove that registration, or set {nameof(UnstaleOptions.AllowOtherHybridCache)}.");

    public static InvalidOperationException CacheAddedTwice(string cache, string setting, object? first, object? second) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The cache '{cache}' was added twice, with {setting} {first} and {second}. Add it once, or set the option in one of the two calls; ")
            + $"to change what a library has set, call services.PostConfigure<{nameof(UnstaleOptions)}>(\"{cache}\", ...).");

    public static InvalidOperationException OptionsOfNoCache(string name, IEnumerable<string> caches) =>
        new($"Options are configured for the cache '{name}', and there are only the caches {string.Join(", ", caches.Select(static cache => $"'{cache}'"))}. Correct the name in Configure<{nameof(UnstaleOptions)}>; "
            + "the cache that AddUnstale adds without a name is called 'default'.");
}
