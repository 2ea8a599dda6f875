using System.Globalization;
using Microsoft.Extensions.Caching.Memory;

namespace Unstale.Values;

/// <summary>All error messages of this assembly. A message contains the event, the setting with its value, and the remedy.</summary>
internal static class Errors
{
    public static ArgumentException TableName(string parameter) =>
        new("The name of a table must not be empty or begin with U+0000. Pass the name under which changes of the table are reported.", parameter);

    public static ArgumentException NoRowChange() =>
        new("The text is no change of a row: a table, an operation, and values of columns, such as 'product update old{price=20} new{price=30}'.");

    /// <summary>Maximum number of partitions of one log. A record of a tag is appended to each.</summary>
    public const int MostPartitions = 256;

    public static FormatException GenerationFormat(ReadOnlySpan<char> text) =>
        new($"'{text}' is not a generation. Expected 32 hexadecimal digits.");

    public static FormatException PositionFormat(string? text) =>
        new($"'{(text?.Length > 100 ? text[..100] + "..." : text)}' is not a log position. Expected partition-generation-sequence; separate several positions with commas.");

    public static ArgumentException PatternLength(string text, int maximum) =>
        new($"The pattern has {text.Length} characters. Expected 1 to {maximum}. To match all keys, invalidate everything.", nameof(text));

    public static ArgumentException RegexRefused(string text, ArgumentException why) =>
        new($"The regular expression '{text}' is invalid: {why.Message}", nameof(text), why);

    public static ArgumentException RegexNotLinear(string text, NotSupportedException why) =>
        new($"The regular expression '{text}' is not supported: {why.Message} Patterns run on the linear-time engine, which has no "
            + "lookarounds, backreferences, atomic groups or conditionals, and which limits the size of nested repetitions.", nameof(text), why);

    public static ArgumentException SegmentId(string id) =>
        new($"The id of a segment is '{id}'. Pass an id that is not empty, as it appears in the key.", nameof(id));

    public static ArgumentException KeyNamespace(string ns) =>
        new($"'{ns}' is not a valid namespace of a key: a namespace must not be empty or contain ':' or '%'. Pass the text after the first ':' as parts.", nameof(ns));

    public static InvalidDataException PayloadMark(Type type) =>
        new($"The stored bytes are not a value of type '{type}': they do not begin with the mark that distinguishes null from a value.");

    public static InvalidDataException PayloadNull(Type type) =>
        new($"The stored bytes are not a value of type '{type}': a serializer read null where a value was stored.");

    public static InvalidDataException NotReadBack(Type type) =>
        new($"A value of type '{type}' cannot be cached, because the value changed when it was serialized and deserialized. JSON loses members without a setter or a constructor parameter, "
            + "and reverses the order of a stack. Register an IHybridCacheSerializer<T> for the type, or, if the type is immutable, seal it and mark it [ImmutableObject(true)].");

    public static NotSupportedException JsonCannot(Type type, string why, Exception? inner = null) =>
        new($"A value of type '{type}' cannot be cached as JSON: {why} Register an IHybridCacheSerializer<T> for the type, "
            + "or, if the type is immutable, seal it and mark it [ImmutableObject(true)].", inner);

    public static string NoJsonMetadata(Type type) =>
        $"the application has no JSON metadata for the type. Mark a JsonSerializerContext with [JsonSerializable(typeof({type.Name}))] and set the context with AddUnstale().WithJsonSerializerOptions(new JsonSerializerOptions {{ TypeInfoResolver = context }}).";

    public static NotSupportedException TypeWithoutName(Type type) =>
        new($"A value of type '{type}' cannot be cached: the compiler numbers such types anew with each build, and an application that is trimmed or compiled ahead of time cannot tell them apart. Use a type with a name.");

    public static ArgumentException EmptyName(string what) => new($"The {what} is empty. Expected at least one character.", what);

    /// <summary>Returns the exception for a refused name in a list, with the index of the name.</summary>
    public static ArgumentException Refused(string list, int at, ArgumentException refusal) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{list}[{at}]: {Sentence(refusal)} The other names of the call are invalidated."), list, refusal);

    private static string Sentence(ArgumentException refusal) =>
        refusal.ParamName is null ? refusal.Message : refusal.Message[..refusal.Message.LastIndexOf(" (", StringComparison.Ordinal)];

    public static ArgumentException KeyTooLong(int length, int maximum) =>
        new($"The key has {length} characters; {nameof(UnstaleOptions.MaximumKeyLength)} is {maximum}. Use CacheKey.Hashed for long keys, or raise the option.", "key");

    public static ArgumentException TagTooLong(string tag, int maximum) =>
        new($"The tag '{tag.AsSpan(0, Math.Min(32, tag.Length))}...' has {tag.Length} characters; {nameof(UnstaleOptions.MaximumKeyLength)} is {maximum}. Shorten the tag, or raise the option.", nameof(tag));

    public static ArgumentException TagTooLarge(string tag, int bytes, int maximum) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The tag '{tag.AsSpan(0, Math.Min(32, tag.Length))}...' has {bytes} bytes in UTF-8; the maximum is {maximum}. Shorten the tag."), nameof(tag));

    public static ArgumentException HalfPair(string what, int at) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The {what} contains an unpaired surrogate at index {at}, which UTF-8 cannot represent: different names would be equal in other processes. ")
            + "Split text between whole characters, or encode it.", what);

    public static ArgumentException TagLikeMark() =>
        new("The tag begins with U+0000, which is reserved for the keys that a value was made from. Remove the character.", "tag");

    public static ArgumentException EverythingAsTag() => new("'*' is not allowed as a tag of an entry: invalidating the tag '*' invalidates everything. Use another tag.", "tags");

    public static ArgumentException NothingNamed() =>
        new("The invalidation has no key, tag or pattern. To invalidate everything, call InvalidateEverythingAsync.", "keys");

    public static ArgumentException AllOfTooLong(int tags, int length, int maximum) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The {tags} tags of the all-of selector have {length} characters in total; the maximum is {maximum}. ")
            + "Use fewer tags, or give the entries one shorter tag for the combination.", "allOf");

    public static ArgumentException EntityWithoutId(string resource) =>
        new($"A change of '{resource}' with ChangeScope.Entity needs an id. Without one, use ChangeScope.Resource.", "id");

    public static ArgumentOutOfRangeException VersionRange(object value) =>
        new("version", $"The version of the source is {value}; it must be from 1 to {long.MaxValue}. 0 means no version.");

    public static ArgumentException RowVersionLength(int length) =>
        new($"The rowversion has {length} bytes. Expected 8: pass the bytes of the column unchanged.", "bytes");

    public static InvalidOperationException NotApplied(ReceiptState state) =>
        new($"The invalidation has no position, because its state is {state}. Check InvalidationReceipt.State, or {Advice(state)}.");

    private static string Advice(ReceiptState state) => state switch
    {
        ReceiptState.Pending => "flush the batch or end the scope that contains the invalidation",
        ReceiptState.Dropped => "complete the scope and commit the transaction of the invalidation",
        _ => "wait until the log is reachable",
    };

    public static InvalidOperationException NothingRaised() =>
        new("The scope raised no invalidation in this log, so there is no position and InvalidationReceipt.Positions is empty.");

    public static InvalidOperationException ScopeCompletedTwice() =>
        new("The scope is already completed, and its invalidations were raised. Begin a new scope for more work.");

    public static ObjectDisposedException ScopeDisposed() =>
        new("InvalidationScope", "The scope was disposed without being completed, and its invalidations were discarded. Complete the scope before disposing it.");

    public static InvalidOperationException ScopeOpenInside(int open) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{open} nested {(open == 1 ? "scope is" : "scopes are")} still open. Complete or dispose the nested scopes first."));

    public static InvalidOperationException ScopeOfAnotherFlow() =>
        new("The scope was begun in another async flow and collected no invalidations of this flow; those were raised immediately. "
            + "Begin the scope in the method that does the work: a scope that an async method begins and returns does not flow to the caller.");

    public static InvalidOperationException TransactionIsCompleting() =>
        new("The ambient TransactionScope is completed but not disposed: its transaction accepts no more invalidations, and the outcome of the transaction is not known yet. "
            + "Invalidate before Complete is called, or after the scope is disposed.");

    public static InvalidOperationException WaitsForOwnScope() =>
        new("The receipt belongs to a scope or transaction that is still open in this flow: its invalidations are raised only at its end, so the wait would never end. Wait after the scope or transaction is completed.");

    public static ArgumentOutOfRangeException ReplicationLag(TimeSpan lag, TimeSpan most) =>
        new("ReplicationLag", OutOfRange("ReplicationLag", lag, TimeSpan.Zero, most));

    public static ObjectDisposedException LogClosed(string log) =>
        new(log, $"The log '{log}' was closed in this process before every node had applied the invalidation. Wait for the receipt before the services are disposed.");

    public static ObjectDisposedException LogEnded(string log) =>
        new(log, $"The log '{log}' was closed in this process and accepts no more invalidations. Invalidate before the services are disposed.");

    public static ArgumentOutOfRangeException WaitLimit(TimeSpan limit) =>
        new(nameof(limit), $"The limit of a wait is {limit}; it must be from zero to {TimeSpan.FromDays(1)}, or Timeout.InfiniteTimeSpan.");

    public static RecursiveLoadException OwnKey(IEnumerable<string> chain) =>
        new($"A factory reads the key that it is loading: {string.Join(" -> ", chain)}. Read the source or another key in the factory.");

    public static LoadTimeoutException LoadTimeout(string cache, string key, TimeSpan limit) =>
        new($"Cache '{cache}': the load of '{key}' took longer than {nameof(UnstaleEntryOptions.LoadTimeout)} ({limit}) and was abandoned. Check why the source is slow, or raise the limit.", nameof(UnstaleEntryOptions.LoadTimeout), limit);

    public static LoadTimeoutException WaitTimeout(string cache, string key, TimeSpan limit) =>
        new($"Cache '{cache}': another caller's load of '{key}' did not end within {nameof(UnstaleEntryOptions.WaitTimeout)} ({limit}). Check why the source is slow, or raise the limit.", nameof(UnstaleEntryOptions.WaitTimeout), limit);

    public static InvalidOperationException NoBatch() => new("The factory of GetOrCreateManyAsync returned null. Return a dictionary, empty if no key has a value.");

    public static ArgumentOutOfRangeException CallTime(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
        new("options", OutOfRange(setting, value, least, most));

    public static ArgumentOutOfRangeException LocalSize(string parameter, long value) =>
        new(parameter, string.Create(CultureInfo.InvariantCulture, $"LocalSize is {value}; it must be 0 or more bytes. Leave it null to measure the value."));

    public static ArgumentOutOfRangeException PriorityOf(string parameter, CacheItemPriority value) => new(parameter, UnknownChoice("Priority", value));

    public static InvalidOperationException NegativeSize(Type type, long value) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The sizer of {type} returned {value}. Return 0 or more bytes: see {nameof(UnstaleOptions)}.{nameof(UnstaleOptions.AddSizer)}."));

    public static ArgumentOutOfRangeException CallTimeout(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
        new("options", OutOfRange(setting, value, least, most) + " Timeout.InfiniteTimeSpan means no limit.");

    public static ObjectDisposedException LoadServicesEnded(string key) =>
        new("Services", $"The load of '{key}' has ended, and its services are disposed. Await all work that uses the services before the factory returns.");

    public static InvalidOperationException FactoryHasEnded(string key) =>
        new($"The factory of '{key}' has ended, so its LoadContext can no longer be changed. Await all work that uses the LoadContext before the factory returns.");

    public static InvalidOperationException NoPreviousValue(string key) =>
        new($"The factory of '{key}' has found no previous value of this type. Call TryGetPrevious first, and NotModified only if it returned true.");

    public static InvalidOperationException SetIsRaised() =>
        new("The InvalidationSet is already raised and can no longer be changed. Add to the set before its rule returns.");

    public static NotTrustedException NotTrusted(string cache, string log, TimeSpan? sinceConfirmed, TimeSpan bound) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Cache '{cache}' is not trusted: the log '{log}' {Confirmed(sinceConfirmed)} ({nameof(InvalidationLogOptions.StalenessBound)} is {bound}), ")
            + $"and {nameof(UnstaleOptions.WhenNotTrusted)} is {UntrustedReadBehavior.Throw}. Check that the log is reachable and writable; "
            + $"to read from the source meanwhile, set {nameof(UnstaleOptions.WhenNotTrusted)} to {UntrustedReadBehavior.FromSource}.", log, sinceConfirmed);

    private static string Confirmed(TimeSpan? since) =>
        since is { } time ? string.Create(CultureInfo.InvariantCulture, $"last confirmed this node {time.TotalSeconds:0.0} s ago") : "has never confirmed this node";

    public static string LogAway(string log, TimeSpan deadline) =>
        $"The log '{log}' has not accepted the invalidation within {deadline} ({nameof(InvalidationLogOptions.AppendTimeout)}), and {nameof(InvalidationLogOptions.WhenUnavailable)} is {LogUnavailableBehavior.Throw}. "
        + "The invalidation is in force on this node and stays queued until the log is reachable: do not repeat the call. The receipt of this exception reports when the invalidation is applied.";

    /// <summary>Reasons for which loads of a cache are limited.</summary>
    public const string Untrusted = "is not trusted";
    public const string Cold = "was just reset";
    public const string Bypassed = "is bypassed";
    public const string NotShareable = "cannot share the value among its callers";

    public static LoadRejectedException LoadLimit(string cache, string why, int atOnce, int waiting) =>
        new($"Cache '{cache}' {why} and reads from the source: {atOnce} loads are running ({nameof(UnstaleOptions.MaximumUntrustedLoads)}) "
            + $"and {waiting} are waiting ({nameof(UnstaleOptions.UntrustedLoadsWaiting)}). Try again later, or raise the options.");

    public static string HalfPairInSetting(string setting, int at) =>
        string.Create(CultureInfo.InvariantCulture, $"{setting} contains an unpaired surrogate at index {at}, which UTF-8 cannot represent: different names would be equal in other processes. Split text between whole characters.");

    public static string EmptyLogName =>
        $"{nameof(UnstaleOptions.Log)} is empty. Set the name of the invalidation log, or keep the default.";

    public static ArgumentOutOfRangeException ExpiredBefore(DateTimeOffset end, DateTimeOffset now) =>
        new("options", string.Create(CultureInfo.InvariantCulture, $"The value expires at {end:O}, which is not after now, {now:O}. Set a later absolute expiration, or remove the key."));

    public static string OutOfRange(string setting, long value, long least, long most) =>
        string.Create(CultureInfo.InvariantCulture, $"{setting} is {value}; it must be from {least} to {most}.");

    public static string OutOfRange(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
        $"{setting} is {value}; it must be from {least} to {most}.";

    public static string UnknownChoice<T>(string setting, T value)
        where T : struct, Enum => $"{setting} is {value}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.";

    public static string ServesForNoTime(TimeSpan value) =>
        $"{nameof(UnstaleOptions.WhenNotTrusted)} is {UntrustedReadBehavior.Serve} and {nameof(UnstaleOptions.ServeUntrustedFor)} is {value}. Set {nameof(UnstaleOptions.ServeUntrustedFor)} above zero and to at most one day, or set {nameof(UnstaleOptions.WhenNotTrusted)} to another value.";

    public static string ServesWithoutSayingSo(UntrustedReadBehavior mode, TimeSpan value) =>
        $"{nameof(UnstaleOptions.ServeUntrustedFor)} is {value} and {nameof(UnstaleOptions.WhenNotTrusted)} is {mode}, which never serves unconfirmed values. Set {nameof(UnstaleOptions.WhenNotTrusted)} to {UntrustedReadBehavior.Serve}, or {nameof(UnstaleOptions.ServeUntrustedFor)} to zero.";

    public static string NotPositive(string setting, TimeSpan value) =>
        $"{setting} is {value}; it must be above zero.";

    public static string TooShort(string setting, TimeSpan value, TimeSpan least) =>
        $"{setting} is {value}; it must be at least {least}.";

    public static string Above(string where, string setting, TimeSpan value, string limit, TimeSpan limitValue) =>
        $"{where}: {setting} ({value}) is above {limit} ({limitValue}). Lower {setting} or raise {limit}.";

    public static InvalidOperationException PartialSink(string sink, string cache, Enum capabilities) =>
        new($"The sink '{sink}' of the cache '{cache}' cannot clear everything (its Capabilities are {capabilities}), and AcceptsPartial is False. "
            + "After a gap in the log the sink would continue to serve invalidated content. Implement the capability Everything, or set AcceptsPartial.");

    public static InvalidOperationException SinkAddedTwice(string sink, string cache) =>
        new($"The cache '{cache}' has two sinks named '{sink}'. Give one of them another name.");

    public static InvalidOperationException SinkFollowsALog(string sink, string cache) =>
        new($"The sink '{sink}' of the cache '{cache}' is an UnstaleCache, which follows a log of its own: each invalidation would be appended once more. "
            + $"Give both caches the same {nameof(UnstaleOptions.Log)} instead.");

    public static string SinkQueue(string sink, int value, int least, int most) =>
        $"The sink '{sink}': {OutOfRange("QueueCapacity", value, least, most)}";

    public static InvalidOperationException ContradictingPlaces(string log, (string Cache, string Place) one, (string Cache, string Place) other) =>
        new($"The caches '{one.Cache}' and '{other.Cache}' use the log '{log}' in different places: {one.Place}, and {other.Place}. "
            + $"Configure the same place for both caches, or set another {nameof(UnstaleOptions.Log)} for one of them.");

    public static InvalidOperationException RecordsAcrossPartitions(string cache, string log, int partitions, string setting) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Cache '{cache}': {setting} is true, and the log '{log}' has {partitions} partitions. A record of a key is appended only to the partition of that key, so values in other partitions that were made from the key would still be served. ")
            + $"Set {setting} to false and give the values the same tag, or use one partition.");

    public static ArgumentException CallRecordsAcrossPartitions() =>
        new($"{nameof(UnstaleEntryOptions)}.{nameof(UnstaleEntryOptions.RecordDependencies)} is true, and the log of the cache has several partitions, across which reads are not recorded. Leave the option out, and give the values the same tag.");

    public static InvalidOperationException PartitionCount(string log, int partitions) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The log '{log}' has {partitions} partitions. Expected 1 to {MostPartitions}."));

    public static InvalidOperationException LogRegisteredTwice(string log, string cache, string place) =>
        new($"The log '{log}' is registered as a keyed service, and the cache '{cache}' configures it in {place}. Remove one of the two.");

    public static InvalidOperationException RuleRefused(string path, string? rule, string why, Exception? inner = null) =>
        new($"The configuration of rules is invalid at '{path}'{(rule is null ? "" : $", in the rule '{rule}'")}: {why}", inner);

    public static InvalidOperationException OptionsRefused(string path, string why, Exception? inner = null) =>
        new($"The configuration of a cache is invalid at '{path}': {why}", inner);

    public static InvalidOperationException LogOptionsRefused(string path, string why, Exception? inner = null) =>
        new($"The configuration of a log is invalid at '{path}': {why}", inner);

    public static InvalidOperationException LogAddedTwice(string log) =>
        new($"The log '{log}' was added twice. Add it once; to change options that a library has set, call services.PostConfigure<{nameof(InvalidationLogOptions)}>(\"{log}\", ...).");

    public static InvalidOperationException OptionsOfNoLog(string log, IEnumerable<string> logs) =>
        new($"Options are configured for the log '{log}', which no cache uses; the logs in use are {string.Join(", ", logs.Select(static one => $"'{one}'"))}. "
            + $"Correct the name, or set {nameof(UnstaleOptions.Log)} of a cache to '{log}'.");

    public const string NoOptionsSection = "The section does not exist. Pass the section that contains the options.";

    public static string NotATime(string text) => $"'{text}' is not a duration. Expected a number of seconds, such as 300, or hours, minutes and seconds, such as 00:05:00.";

    public const string RuleNameTaken = "A rule with this name already exists. Rename one of the two rules.";

    public const string NoRuleSection = "The section does not exist. Pass the section that contains the rules; for no rules, write an empty list.";

    public const string NotAList = "Expected a list of objects but found a string.";

    public const string NotAText = "Expected a string but found an object, a list or null.";

    public const string NothingThere = "Expected a string but found nothing.";

    public static string NotASection(string[] keys) => $"Expected an object with some of the keys {string.Join(", ", keys)} but found a string.";

    public static string UnknownKey(string[] keys) => $"The key is unknown. Known keys are {string.Join(", ", keys)}.";

    public static string NoSuchChoice(string text, string[] names) => $"'{text}' is not one of {string.Join(", ", names)}.";

    public static string NotANumber(string text) => $"'{text}' is not a whole number.";

    public static string NotAFlag(string text) => $"'{text}' is neither true nor false.";

    public static string UnknownCondition(string name, IEnumerable<string> known) =>
        $"There is no condition '{name}'. Known conditions are {(string.Join(", ", known) is { Length: > 0 } names ? names : "none")}; add '{name}' with AddCondition.";

    public static ArgumentException NullInFront(string what) =>
        new($"The {what} begins with U+0000, which is reserved for the keys that a value was made from. Use another name.", what);

    public static ArgumentException EverythingAsName(string what) =>
        new($"'*' is not allowed as a {what}, because it would match every name. List the names; a rule with the tag '*' invalidates everything.", what);

    public static ArgumentException RelationshipWithoutTargets(string source) =>
        new($"The relationship of '{source}' has no target. Add the types that a change of '{source}' also affects.", "targets");

    public static ArgumentOutOfRangeException DepthBelowOne(int depth) =>
        new(nameof(depth), string.Create(CultureInfo.InvariantCulture, $"The depth of a relationship is {depth}; it must be at least 1, which reaches only the direct targets."));

    public static ArgumentException RuleWithoutTrigger(string rule) =>
        new($"The rule '{rule}' has no trigger. Add at least one trigger.", "triggers");

    public static ArgumentException RuleTakesNothing(string rule) =>
        new($"The rule '{rule}' invalidates nothing. Add a tag, a key, a pattern, a relationship or a dependency.", "tags");

    public static ArgumentException RuleTwice(string rule) =>
        new($"A rule named '{rule}' already exists. Remove the existing rule first, or use another name.", "name");

    public static ArgumentException UnknownStrategy(string rule, Enum strategy) =>
        new($"The rule '{rule}' has the unknown strategy {strategy}. Expected one of {string.Join(", ", Enum.GetNames(strategy.GetType()))}.", nameof(strategy));

    public static ArgumentException UnknownOperation(string rule, Enum operation) =>
        new($"The rule '{rule}' has the unknown operation {operation}. Expected one of {string.Join(", ", Enum.GetNames(operation.GetType()))}.", nameof(operation));

    public static ArgumentException ServeOnceStrategy(string rule, Enum strategy) =>
        new($"The rule '{rule}' has ServeStaleOnce and the strategy {strategy}. ServeStaleOnce requires the strategy Lazy: set Lazy, or remove ServeStaleOnce.", "serveStaleOnce");

    public static ArgumentException ServeOnceNeedsTags(string rule) =>
        new($"The rule '{rule}' has ServeStaleOnce and lists keys, globs, patterns or dependencies. ServeStaleOnce supports only tags: list the other names in another rule.", "serveStaleOnce");

    public static ArgumentException DependsOnNothing(string key) =>
        new($"The dependency of the key '{key}' is empty. Pass the keys or tags that '{key}' is computed from.", "on");

    public static ArgumentException BraceAlone(string text, int at) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{text}' has an unmatched brace at index {at}. Write a placeholder as {{name}}, and a literal brace as {{{{ or }}}}."), nameof(text));

    public static ArgumentException PlaceholderName(string text, string name) =>
        new($"'{text}' has the invalid placeholder '{name}': a name begins with a letter and contains letters, digits, '_', '-' and '.'. Write a literal brace as {{{{ or }}}}.", nameof(text));

    public static InvalidOperationException QueryWithoutName(Type type) =>
        new($"The query '{type}' has a compiler-generated name, which changes with every build. Declare a named type for the query, or add a [QueryName].");

    public static InvalidOperationException QueryIsAbstract(Type type) =>
        new($"'{type}' is an interface or an abstract type: results have the name of the concrete type of their query. List each concrete query, or give the queries a common tag.");

    public static InvalidOperationException QueryNameRefused(Type type, string? name) =>
        new($"The [QueryName] of '{type}' is '{name}'; it must not be empty or contain ':' or the wildcards '*', '?', '[', ']' and '\\'.");

    public static InvalidOperationException QueryNameTaken(string name, Type owner, Type type) =>
        new($"The queries '{owner}' and '{type}' have the same name '{name}' in keys, so each could receive the results of the other. Give one of the queries a [QueryName].");

    public static InvalidOperationException QueryHasNoHash(Type query, IEnumerable<string> path, string why) =>
        new($"The query '{query}' cannot be hashed for its key. {string.Join('.', path.Prepend("Query"))}: {why}. Implement ICacheableQuery with a key, or mark members that do not affect the result with [JsonIgnore].");

    public static InvalidOperationException QueryMembersHidden(Type query) =>
        new($"The query '{query}' cannot be hashed for its key: the application is trimmed or compiled ahead of time, where some members of the query may be invisible, so two different queries could have the same hash. "
            + $"Mark a JsonSerializerContext with [JsonSerializable(typeof({query.Name}))] and set QueryCacheOptions.JsonTypeInfoResolver to the context, or implement ICacheableQuery with a key.");

    public static string NoMetadataOf(Type type) =>
        $"the JSON metadata does not contain '{type}'; mark the JsonSerializerContext with [JsonSerializable(typeof({type.Name}))]";

    public static string NotRestored(string member) =>
        $"the JSON metadata does not show whether '{member}' is state; mark a computed property with [JsonIgnore], or make the member an automatic property with a public setter, an init accessor or a constructor parameter";

    public static string HiddenState(string member) =>
        $"the state '{member}' is not in the JSON metadata; make it an automatic property with a public setter, an init accessor or a constructor parameter";

    public static ArgumentException NoTextOf(Type type, string argument) =>
        new($"A value of type '{type}' has no text that distinguishes it from others, so it cannot be part of a name. Pass one of its members, or implement IFormattable for the type.", argument);

    public static string KeyPrefixRefused(string setting, string prefix) =>
        $"{setting} is '{prefix}'; it must not be empty, end with ':' or contain the wildcards '*', '?', '[', ']' and '\\'.";

    public static InvalidOperationException CommandResult(Type command, Type expected, object? result) =>
        new($"The command '{command}' returned {(result is null ? "null" : $"a '{result.GetType()}'")}, but a rule for this command expects a '{expected}'. Use the returned type in the rule, or write the rule without a result.");

    public static ObjectDisposedException EventsEnded(string cache) =>
        new(cache, $"The domain events of the cache '{cache}' were closed and accept no more events. Publish events before the services are disposed.");

    public static ArgumentException PlaceholderInGlob(string text) =>
        new($"The glob '{text}' has a placeholder within brackets or after a backslash. The value of a placeholder is matched literally: write the placeholder outside.", nameof(text));

    public static string GuardWithoutLimit =>
        $"{nameof(UnstaleOptions.ChangeGuard)} has no limit. Set {nameof(ChangeGuard.MaximumEntries)} or {nameof(ChangeGuard.MaximumDepth)}, or set {nameof(UnstaleOptions.ChangeGuard)} to null.";

    public static string ChangeTooLarge(string change, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"The change '{change}' was not raised: it would invalidate more than {limit} entries of this process ({nameof(UnstaleOptions.ChangeGuard)}.{nameof(ChangeGuard.MaximumEntries)}). ")
        + WhatToDo;

    public static string ChangeTooDeep(string change, int depth, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"The change '{change}' was not raised: it would walk {depth} levels of relationships or dependencies, and {nameof(UnstaleOptions.ChangeGuard)}.{nameof(ChangeGuard.MaximumDepth)} is {limit}. ")
        + WhatToDo;

    private const string WhatToDo = "The affected values are still served. PreviewAsync shows the number of entries per name; narrow the change or the rules, raise the limit, or invalidate by name.";

    public static InvalidOperationException OtherHybridCache(string cache, string? key, Type other) =>
        new($"The service HybridCache{(key is null ? "" : $" with the key '{key}'")} is registered with '{other}' and not the cache '{cache}': code that injects HybridCache would not be reached by "
            + $"invalidations. Remove that registration, or set {nameof(UnstaleOptions.AllowOtherHybridCache)}.");

    public static InvalidOperationException CacheAddedTwice(string cache, string setting, object? first, object? second) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The cache '{cache}' was added twice, with {setting} {first} and {second}. Add it once, or set the option in one of the two calls; ")
            + $"to change options that a library has set, call services.PostConfigure<{nameof(UnstaleOptions)}>(\"{cache}\", ...).");

    public static InvalidOperationException OptionsOfNoCache(string name, IEnumerable<string> caches) =>
        new($"Options are configured for the cache '{name}', which does not exist; the caches are {string.Join(", ", caches.Select(static cache => $"'{cache}'"))}. Correct the name in Configure<{nameof(UnstaleOptions)}>; "
            + "the cache that AddUnstale adds without a name is called 'default'.");
}
