using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Reads the options of a cache from a section of the configuration. An error contains the path of the invalid setting.</summary>
internal static class OptionsReader
{
    private const string Rules = "Rules";
    private const string Prefix = "Prefix";

    private static readonly string[] Entry =
    [
        nameof(UnstaleEntryOptions.Expiration), nameof(UnstaleEntryOptions.LocalExpiration), nameof(UnstaleEntryOptions.FreshFor),
        nameof(UnstaleEntryOptions.LoadTimeout), nameof(UnstaleEntryOptions.WaitTimeout), nameof(UnstaleEntryOptions.SoftTimeout),
        nameof(UnstaleEntryOptions.FailSafeFor), nameof(UnstaleEntryOptions.FailSafePause), nameof(UnstaleEntryOptions.Jitter),
        nameof(UnstaleEntryOptions.LocalSize), nameof(UnstaleEntryOptions.Priority), nameof(UnstaleEntryOptions.RecordDependencies), nameof(UnstaleEntryOptions.Flags),
    ];

    private static readonly string[] LimitKeys = [nameof(LoadLimit.MaximumLoads), nameof(LoadLimit.MaximumWaiting), nameof(LoadLimit.SlotTimeout)];
    private static readonly string[] PrefixLimitKeys = [Prefix, .. LimitKeys];
    private static readonly string[] PrefixEntry = [Prefix, nameof(UnstaleEntryOptions.DataType), .. Entry];

    private static readonly Dictionary<string, Action<UnstaleOptions, SectionReader, string>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(UnstaleOptions.Log)] = static (o, s, key) => o.Log = s.Text(key) ?? o.Log,
        [nameof(UnstaleOptions.ContentVersion)] = static (o, s, key) => o.ContentVersion = s.Number(key) ?? o.ContentVersion,
        [nameof(UnstaleOptions.DefaultExpiration)] = static (o, s, key) => o.DefaultExpiration = s.Time(key) ?? o.DefaultExpiration,
        [nameof(UnstaleOptions.DefaultEntryOptions)] = static (o, s, key) => o.DefaultEntryOptions = Defaults(s.Section(key)),
        [nameof(UnstaleOptions.LoadTimeout)] = static (o, s, key) => o.LoadTimeout = s.Time(key) ?? o.LoadTimeout,
        [nameof(UnstaleOptions.WaitTimeout)] = static (o, s, key) => o.WaitTimeout = s.Time(key) ?? o.WaitTimeout,
        [nameof(UnstaleOptions.SoftTimeout)] = static (o, s, key) => o.SoftTimeout = s.Time(key) ?? o.SoftTimeout,
        [nameof(UnstaleOptions.FailSafeFor)] = static (o, s, key) => o.FailSafeFor = s.Time(key) ?? o.FailSafeFor,
        [nameof(UnstaleOptions.FailSafePause)] = static (o, s, key) => o.FailSafePause = s.Time(key) ?? o.FailSafePause,
        [nameof(UnstaleOptions.Jitter)] = static (o, s, key) => o.Jitter = s.Time(key) ?? o.Jitter,
        [nameof(UnstaleOptions.MaximumEntries)] = static (o, s, key) => o.MaximumEntries = s.Number(key) ?? o.MaximumEntries,
        [nameof(UnstaleOptions.MaximumBytes)] = static (o, s, key) => o.MaximumBytes = s.LongNumber(key) ?? o.MaximumBytes,
        [nameof(UnstaleOptions.MaximumKeyLength)] = static (o, s, key) => o.MaximumKeyLength = s.Number(key) ?? o.MaximumKeyLength,
        [nameof(UnstaleOptions.MaximumPayloadBytes)] = static (o, s, key) => o.MaximumPayloadBytes = s.LongNumber(key) ?? o.MaximumPayloadBytes,
        [nameof(UnstaleOptions.DisableCompression)] = static (o, s, key) => o.DisableCompression = s.Flag(key) ?? o.DisableCompression,
        [nameof(UnstaleOptions.ReportTagMetrics)] = static (o, s, key) => o.ReportTagMetrics = s.Flag(key) ?? o.ReportTagMetrics,
        [nameof(UnstaleOptions.WhenNotTrusted)] = static (o, s, key) => o.WhenNotTrusted = s.Choice<UntrustedReadBehavior>(key) ?? o.WhenNotTrusted,
        [nameof(UnstaleOptions.ServeUntrustedFor)] = static (o, s, key) => o.ServeUntrustedFor = s.Time(key) ?? o.ServeUntrustedFor,
        [nameof(UnstaleOptions.MaximumUntrustedLoads)] = static (o, s, key) => o.MaximumUntrustedLoads = s.Number(key) ?? o.MaximumUntrustedLoads,
        [nameof(UnstaleOptions.UntrustedLoadsWaiting)] = static (o, s, key) => o.UntrustedLoadsWaiting = s.Number(key) ?? o.UntrustedLoadsWaiting,
        [nameof(UnstaleOptions.RecordDependencies)] = static (o, s, key) => o.RecordDependencies = s.Flag(key) ?? o.RecordDependencies,
        [nameof(UnstaleOptions.MaximumDependencies)] = static (o, s, key) => o.MaximumDependencies = s.Number(key) ?? o.MaximumDependencies,
        [nameof(UnstaleOptions.BatchDelay)] = static (o, s, key) => o.BatchDelay = s.Time(key) ?? o.BatchDelay,
        [nameof(UnstaleOptions.ReplicationLag)] = static (o, s, key) => o.ReplicationLag = s.Time(key) ?? o.ReplicationLag,
        [nameof(UnstaleOptions.RecentRemovals)] = static (o, s, key) => o.RecentRemovals = s.Number(key) ?? o.RecentRemovals,
        [nameof(UnstaleOptions.AllowOtherHybridCache)] = static (o, s, key) => o.AllowOtherHybridCache = s.Flag(key) ?? o.AllowOtherHybridCache,
        [nameof(UnstaleOptions.ChangeGuard)] = static (o, s, key) => o.ChangeGuard = Guard(s.Section(key)),
        [nameof(UnstaleOptions.DataTypes)] = static (o, s, key) =>
        {
            foreach (var type in s.List(key))
                o.DataTypes[type.Key] = EntryOptions(type, Entry);
        },
        [nameof(UnstaleOptions.KeyPrefixes)] = static (o, s, key) => AddPrefixes(s, key, o.KeyPrefixes, static item => EntryOptions(item, PrefixEntry)),
        [nameof(UnstaleOptions.LoadLimit)] = static (o, s, key) => o.LoadLimit = Limit(s.Section(key), LimitKeys),
        [nameof(UnstaleOptions.PrefixLoadLimits)] = static (o, s, key) => AddPrefixes(s, key, o.PrefixLoadLimits, static item => Limit(item, PrefixLimitKeys)),
    };

    /// <summary>Names of the supported settings.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <param name="section">Section to read.</param>
    /// <param name="options">Options to change.</param>
    /// <param name="mayHaveLogs">Whether the section may contain the options of logs, which <see cref="ConfiguredLogs"/> reads.</param>
    /// <exception cref="InvalidOperationException">A setting in the section is invalid, or the section does not exist.</exception>
    public static void Bind(IConfigurationSection section, UnstaleOptions options, bool mayHaveLogs) =>
        SectionReader.Bind(section, options, Settings, Errors.OptionsRefused, Errors.NoOptionsSection, mayHaveLogs ? [Rules, ConfiguredLogs.Key] : [Rules]);

    /// <summary>Adds values by key prefix, which are a list because the configuration treats a colon in a key as a separator.</summary>
    private static void AddPrefixes<T>(SectionReader section, string key, IDictionary<string, T> prefixes, Func<SectionReader, T> read)
    {
        foreach (var item in section.List(key))
        {
            var value = read(item);
            prefixes[item.Text(Prefix) is { Length: > 0 } prefix ? prefix : throw item.Refused(Prefix, Errors.NothingThere)] = value;
        }
    }

    private static LoadLimit Limit(SectionReader section, string[] keys)
    {
        section.RequireOnly(keys);
        var maximum = section.Number(nameof(LoadLimit.MaximumLoads)) ?? throw section.Refused(nameof(LoadLimit.MaximumLoads), Errors.NoNumber);
        var defaults = new LoadLimit { MaximumLoads = maximum };
        return new LoadLimit
        {
            MaximumLoads = maximum,
            MaximumWaiting = section.Number(nameof(LoadLimit.MaximumWaiting)) ?? defaults.MaximumWaiting,
            SlotTimeout = section.Time(nameof(LoadLimit.SlotTimeout)) ?? defaults.SlotTimeout,
        };
    }

    private static HybridCacheEntryOptions Defaults(SectionReader section)
    {
        section.RequireOnly([nameof(HybridCacheEntryOptions.Expiration), nameof(HybridCacheEntryOptions.LocalCacheExpiration), nameof(HybridCacheEntryOptions.LocalSize), nameof(HybridCacheEntryOptions.Flags)]);
        return new HybridCacheEntryOptions
        {
            Expiration = section.Time(nameof(HybridCacheEntryOptions.Expiration)),
            LocalCacheExpiration = section.Time(nameof(HybridCacheEntryOptions.LocalCacheExpiration)),
            LocalSize = section.LongNumber(nameof(HybridCacheEntryOptions.LocalSize)),
            Flags = Flags(section, nameof(HybridCacheEntryOptions.Flags)),
        };
    }

    private static HybridCacheEntryFlags? Flags(SectionReader section, string key)
    {
        var flags = section.Choices<HybridCacheEntryFlags>(key);
        return flags.Count == 0 ? null : flags.Aggregate(static (all, flag) => all | flag);
    }

    private static ChangeGuard Guard(SectionReader section)
    {
        section.RequireOnly([nameof(ChangeGuard.MaximumEntries), nameof(ChangeGuard.MaximumDepth), nameof(ChangeGuard.WhenExceeded)]);
        return new ChangeGuard
        {
            MaximumEntries = section.Number(nameof(ChangeGuard.MaximumEntries)),
            MaximumDepth = section.Number(nameof(ChangeGuard.MaximumDepth)),
            WhenExceeded = section.Choice<ChangeGuardAction>(nameof(ChangeGuard.WhenExceeded)) ?? default,
        };
    }

    /// <summary>Reads the options of an entry. A single time is the expiration.</summary>
    private static UnstaleEntryOptions EntryOptions(SectionReader section, string[] keys)
    {
        if (!keys.Contains(Prefix, StringComparer.Ordinal) && !string.IsNullOrEmpty(section.Value))
            return new UnstaleEntryOptions { Expiration = section.Time() };
        section.RequireOnly(keys);
        return new UnstaleEntryOptions
        {
            Expiration = section.Time(nameof(UnstaleEntryOptions.Expiration)),
            LocalExpiration = section.Time(nameof(UnstaleEntryOptions.LocalExpiration)),
            FreshFor = section.Time(nameof(UnstaleEntryOptions.FreshFor)),
            LoadTimeout = section.Time(nameof(UnstaleEntryOptions.LoadTimeout)),
            WaitTimeout = section.Time(nameof(UnstaleEntryOptions.WaitTimeout)),
            SoftTimeout = section.Time(nameof(UnstaleEntryOptions.SoftTimeout)),
            FailSafeFor = section.Time(nameof(UnstaleEntryOptions.FailSafeFor)),
            FailSafePause = section.Time(nameof(UnstaleEntryOptions.FailSafePause)),
            Jitter = section.Time(nameof(UnstaleEntryOptions.Jitter)),
            DataType = section.Text(nameof(UnstaleEntryOptions.DataType)),
            LocalSize = section.LongNumber(nameof(UnstaleEntryOptions.LocalSize)),
            Priority = section.Choice<CacheItemPriority>(nameof(UnstaleEntryOptions.Priority)),
            RecordDependencies = section.Flag(nameof(UnstaleEntryOptions.RecordDependencies)),
            Flags = Flags(section, nameof(UnstaleEntryOptions.Flags)),
        };
    }
}
