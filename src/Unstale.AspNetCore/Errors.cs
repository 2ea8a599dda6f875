using System.Globalization;

namespace Unstale.AspNetCore;

/// <summary>Messages for users of this assembly. Each message contains the problem, the setting, its value and a remedy.</summary>
internal static class Errors
{
    public static InvalidOperationException NoOutputCache(string cache) =>
        new($"The cache '{cache}' invalidates the output cache, but no output cache is registered. Call services.AddOutputCache() and app.UseOutputCache().");

    public static InvalidOperationException EverythingTag() =>
        new($"{nameof(OutputCacheSinkOptions.EverythingTag)} is empty. Set the tag that evicts all pages, or keep the default.");

    public static string NoSuchCache(string cache) =>
        $"A health check is registered for the cache '{cache}', which does not exist. Add the cache with services.AddUnstale, or correct the name in AddHealthChecks().AddUnstale(cache: ...).";

    public static string MissRatio(string cache, double value) =>
        string.Create(CultureInfo.InvariantCulture, $"The health check of the cache '{cache}': {nameof(UnstaleHealthOptions.MissRatioThreshold)} is {value}; it must be from 0 to 1, or null.");

    public static string Window(string cache, TimeSpan value, TimeSpan least, TimeSpan most) =>
        $"The health check of the cache '{cache}': {nameof(UnstaleHealthOptions.Window)} is {value}; it must be from {least} to {most}.";

    public static string LeastReads(string cache, int value, int least, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"The health check of the cache '{cache}': {nameof(UnstaleHealthOptions.LeastReads)} is {value}; it must be from {least} to {most}.");

    public static string NotTrusted(string log, TimeSpan? sinceConfirmed) => sinceConfirmed is { } since
        ? string.Create(CultureInfo.InvariantCulture, $"The log '{log}' last confirmed this node {since.TotalSeconds:0.0} s ago: cached values are not trusted.")
        : $"The log '{log}' has not confirmed this node yet: cached values are not trusted.";

    public static string Misses(double ratio, long reads, TimeSpan window, double threshold) => string.Create(
        CultureInfo.InvariantCulture,
        $"Of {reads} reads in the last {window:hh\\:mm\\:ss} {100 * ratio:0.#} % were misses; {nameof(UnstaleHealthOptions.MissRatioThreshold)} is {threshold}.");
}
