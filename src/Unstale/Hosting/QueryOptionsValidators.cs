using Microsoft.Extensions.Options;
using Unstale.Queries;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Rejects invalid options of query caches.</summary>
internal sealed class QueryCacheOptionsValidator : IValidateOptions<QueryCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, QueryCacheOptions options)
    {
        var problems = Problems(options).Select(p => $"Query cache '{name}': {p}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(QueryCacheOptions o)
    {
        if (o.Expiration <= TimeSpan.Zero)
            yield return Errors.NotPositive(nameof(o.Expiration), o.Expiration);
        if (string.IsNullOrEmpty(o.KeyPrefix) || o.KeyPrefix.AsSpan().IndexOfAny(@"*?[]\") >= 0 || o.KeyPrefix.EndsWith(':'))
            yield return Errors.KeyPrefixRefused(nameof(o.KeyPrefix), o.KeyPrefix);
    }
}

/// <summary>Rejects invalid options of domain events.</summary>
internal sealed class DomainEventOptionsValidator : IValidateOptions<DomainEventOptions>
{
    public ValidateOptionsResult Validate(string? name, DomainEventOptions options)
    {
        var problems = Problems(options).Select(p => $"Domain events of cache '{name}': {p}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(DomainEventOptions o)
    {
        if (SettingRange.Problem(nameof(o.QueueCapacity), o.QueueCapacity, 1, 10_000_000) is { } capacity)
            yield return capacity;
        if (SettingRange.Problem(nameof(o.ShutdownTimeout), o.ShutdownTimeout, TimeSpan.Zero, TimeSpan.FromHours(1)) is { } timeout)
            yield return timeout;
    }
}
