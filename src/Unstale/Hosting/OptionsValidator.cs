using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;
using Unstale.Loading;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Rejects invalid options. Each message names the setting and its value.</summary>
internal sealed class OptionsValidator : IValidateOptions<UnstaleOptions>
{
    private const long LeastBytes = 64L << 10;
    private const long MostBytes = 1L << 40;

    public ValidateOptionsResult Validate(string? name, UnstaleOptions options)
    {
        var problems = NameProblems(name).Concat(Problems(options)).Select(p => $"Cache '{name}': {p}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> NameProblems(string? name)
    {
        if (CacheNames.HalfPairIn(name) is var at and >= 0)
            yield return Errors.HalfPairInSetting("The name of the cache", at);
    }

    private static IEnumerable<string> Problems(UnstaleOptions o)
    {
        if (string.IsNullOrWhiteSpace(o.Log))
            yield return Errors.EmptyLogName;
        if (CacheNames.HalfPairIn(o.Log) is var at and >= 0)
            yield return Errors.HalfPairInSetting(nameof(o.Log), at);
        if (SettingRange.Problem(nameof(o.MaximumEntries), o.MaximumEntries, 1, 100_000_000) is { } entries)
            yield return entries;
        if (o.MaximumBytes is { } bytes && SettingRange.Problem(nameof(o.MaximumBytes), bytes, LeastBytes, MostBytes) is { } memory)
            yield return memory;
        if (SettingRange.Problem(nameof(o.MaximumKeyLength), o.MaximumKeyLength, 16, CacheNames.Longest) is { } length)
            yield return length;
        if (SettingRange.Problem(nameof(o.MaximumPayloadBytes), o.MaximumPayloadBytes, 1, int.MaxValue) is { } payload)
            yield return payload;
        if (SettingRange.Problem(nameof(o.MaximumDependencies), o.MaximumDependencies, 1, 3_000) is { } dependencies)
            yield return dependencies;
        if (SettingRange.Problem(nameof(o.MaximumUntrustedLoads), o.MaximumUntrustedLoads, 1, 100_000) is { } loads)
            yield return loads;
        if (SettingRange.Problem(nameof(o.UntrustedLoadsWaiting), o.UntrustedLoadsWaiting, 0, 10_000_000) is { } waiting)
            yield return waiting;
        if (SettingRange.Problem(nameof(o.RecentRemovals), o.RecentRemovals, 0, 100_000) is { } removals)
            yield return removals;
        foreach (var problem in GuardProblems(o.ChangeGuard).Concat(LimitProblems(nameof(o.LoadLimit), o.LoadLimit)))
            yield return problem;
        foreach (var problem in o.PrefixLoadLimits.SelectMany(static limit => LimitProblems($"{nameof(o.PrefixLoadLimits)}[{limit.Key}]", limit.Value)))
            yield return problem;
        if (o.DefaultExpiration <= TimeSpan.Zero)
            yield return Errors.NotPositive(nameof(o.DefaultExpiration), o.DefaultExpiration);
        if (o.DefaultEntryOptions is { } defaults)
        {
            foreach (var problem in Problems(nameof(o.DefaultEntryOptions), defaults))
                yield return problem;
        }

        if (SettingRange.Problem(nameof(o.ReplicationLag), o.ReplicationLag, TimeSpan.Zero, TimeSpan.FromHours(1)) is { } lag)
            yield return lag;
        foreach (var problem in TimeProblems(string.Empty, (o.LoadTimeout, o.WaitTimeout, o.SoftTimeout), (o.FailSafeFor, o.FailSafePause, o.Jitter)))
            yield return problem;
        foreach (var problem in OutageProblems(o))
            yield return problem;
        foreach (var (key, entry) in o.DataTypes)
        {
            foreach (var problem in Problems($"{nameof(o.DataTypes)}[{key}]", entry))
                yield return problem;
        }

        foreach (var (key, entry) in o.KeyPrefixes)
        {
            foreach (var problem in Problems($"{nameof(o.KeyPrefixes)}[{key}]", entry))
                yield return problem;
        }

        foreach (var (type, entry) in o.ValueTypes)
        {
            foreach (var problem in Problems($"{nameof(o.AddEntryOptions)}<{type}>", entry))
                yield return problem;
        }
    }

    private static IEnumerable<string> GuardProblems(ChangeGuard? guard)
    {
        const string Guard = nameof(UnstaleOptions.ChangeGuard);
        if (guard is null)
            yield break;
        if (guard.MaximumEntries is null && guard.MaximumDepth is null)
            yield return Errors.GuardWithoutLimit;
        if (SettingRange.Problem($"{Guard}.{nameof(guard.MaximumEntries)}", guard.MaximumEntries ?? 0, 0, int.MaxValue) is { } entries)
            yield return entries;
        if (SettingRange.Problem($"{Guard}.{nameof(guard.MaximumDepth)}", guard.MaximumDepth ?? 0, 0, int.MaxValue) is { } depth)
            yield return depth;
        if (!Enum.IsDefined(guard.WhenExceeded))
            yield return Errors.UnknownChoice($"{Guard}.{nameof(guard.WhenExceeded)}", guard.WhenExceeded);
    }

    private static IEnumerable<string> LimitProblems(string where, LoadLimit? limit)
    {
        if (limit is null)
            return [];
        string?[] problems =
        [
            SettingRange.Problem($"{where}.{nameof(limit.MaximumLoads)}", limit.MaximumLoads, 1, 100_000),
            SettingRange.Problem($"{where}.{nameof(limit.MaximumWaiting)}", limit.MaximumWaiting, 0, 10_000_000),
            TimeoutRange($"{where}.{nameof(limit.SlotTimeout)}", limit.SlotTimeout),
        ];
        return problems.OfType<string>();
    }

    private static IEnumerable<string> OutageProblems(UnstaleOptions o)
    {
        if (!Enum.IsDefined(o.WhenNotTrusted))
            yield return Errors.UnknownChoice(nameof(o.WhenNotTrusted), o.WhenNotTrusted);
        else if (o.WhenNotTrusted == UntrustedReadBehavior.Serve && (o.ServeUntrustedFor <= TimeSpan.Zero || o.ServeUntrustedFor > TimeSpan.FromDays(1)))
            yield return Errors.ServesForNoTime(o.ServeUntrustedFor);
        else if (o.WhenNotTrusted != UntrustedReadBehavior.Serve && o.ServeUntrustedFor != TimeSpan.Zero)
            yield return Errors.ServesWithoutSayingSo(o.WhenNotTrusted, o.ServeUntrustedFor);
    }

    private static IEnumerable<string> Problems(string where, HybridCacheEntryOptions entry)
    {
        if (entry.Expiration is { } expiration && expiration <= TimeSpan.Zero)
            yield return Errors.NotPositive($"{where}.{nameof(entry.Expiration)}", expiration);
        if (entry.LocalCacheExpiration < TimeSpan.Zero)
            yield return Errors.TooShort($"{where}.{nameof(entry.LocalCacheExpiration)}", entry.LocalCacheExpiration.Value, TimeSpan.Zero);
    }

    private static IEnumerable<string> Problems(string where, UnstaleEntryOptions entry)
    {
        if (entry.Expiration is { } expiration && expiration <= TimeSpan.Zero)
            yield return Errors.NotPositive($"{where}.{nameof(entry.Expiration)}", expiration);
        if (entry.LocalExpiration > entry.Expiration)
            yield return Errors.Above(where, nameof(entry.LocalExpiration), entry.LocalExpiration.Value, nameof(entry.Expiration), entry.Expiration!.Value);
        if (entry.FreshFor > entry.Expiration)
            yield return Errors.Above(where, nameof(entry.FreshFor), entry.FreshFor.Value, nameof(entry.Expiration), entry.Expiration!.Value);
        if (entry.FreshFor < TimeSpan.Zero)
            yield return Errors.TooShort($"{where}.{nameof(entry.FreshFor)}", entry.FreshFor.Value, TimeSpan.Zero);
        foreach (var problem in TimeProblems(where + ".", (entry.LoadTimeout, entry.WaitTimeout, entry.SoftTimeout), (entry.FailSafeFor, entry.FailSafePause, entry.Jitter)))
            yield return problem;
        if (SettingRange.Problem($"{where}.{nameof(entry.LocalSize)}", entry.LocalSize ?? 0, 0, long.MaxValue) is { } size)
            yield return size;
        if (entry.Priority is { } priority && !Enum.IsDefined(priority))
            yield return Errors.UnknownChoice($"{where}.{nameof(entry.Priority)}", priority);
        if (entry.LocalExpiration < TimeSpan.Zero)
            yield return Errors.TooShort($"{where}.{nameof(entry.LocalExpiration)}", entry.LocalExpiration.Value, TimeSpan.Zero);
    }

    /// <summary>Checks the times that the cache and each entry have under the same names.</summary>
    private static IEnumerable<string> TimeProblems(
        string prefix, (TimeSpan? Load, TimeSpan? Wait, TimeSpan? Soft) timeouts, (TimeSpan? FailSafeFor, TimeSpan? Pause, TimeSpan? Jitter) times)
    {
        string?[] problems =
        [
            TimeoutRange(prefix + nameof(UnstaleOptions.LoadTimeout), timeouts.Load),
            TimeoutRange(prefix + nameof(UnstaleOptions.WaitTimeout), timeouts.Wait),
            TimeoutRange(prefix + nameof(UnstaleOptions.SoftTimeout), timeouts.Soft),
            TimeRange(prefix + nameof(UnstaleOptions.FailSafeFor), times.FailSafeFor, EntryOptionsResolver.LongestFailSafe),
            TimeRange(prefix + nameof(UnstaleOptions.FailSafePause), times.Pause, EntryOptionsResolver.MostTimeout),
            TimeRange(prefix + nameof(UnstaleOptions.Jitter), times.Jitter, EntryOptionsResolver.MostTimeout),
        ];
        return problems.OfType<string>();
    }

    private static string? TimeRange(string setting, TimeSpan? value, TimeSpan most) => SettingRange.Problem(setting, value ?? TimeSpan.Zero, TimeSpan.Zero, most);

    private static string? TimeoutRange(string setting, TimeSpan? value) =>
        value is { } limit && !EntryOptionsResolver.IsTimeout(limit) ? Errors.OutOfRange(setting, limit, EntryOptionsResolver.LeastTimeout, EntryOptionsResolver.MostTimeout) : null;
}
