using Microsoft.Extensions.Options;
using Unstale.Redis.Resp;

namespace Unstale.Redis.Hosting;

/// <summary>Refuses options that cannot work, each in a sentence that names the setting and its value.</summary>
internal sealed class RedisOptionsValidator(IEnumerable<RedisUse> uses) : IValidateOptions<RedisOptions>
{
    private static readonly TimeSpan ShortestRequest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        var problems = Connection(options).Concat(Settings(options)).Concat(Calls(name)).Select(p => $"Cache '{name}': {p}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> Calls(string? cache)
    {
        var calls = uses.Where(use => use.Cache == cache).ToList();
        return calls.SelectMany((call, i) => calls.Take(i).SelectMany(earlier => earlier.ContradictionsTo(call))).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Connection(RedisOptions o)
    {
        RespOptions read;
        try
        {
            read = RespOptions.Parse(o.Configuration ?? "");
        }
        catch (FormatException refused)
        {
            return [refused.Message];
        }

        return Contradictions(o, read);
    }

    private static IEnumerable<string> Contradictions(RedisOptions o, RespOptions read)
    {
        if (o.Credentials is not null && read.Credentials is not null)
        {
            yield return Errors.CredentialsTwice;
        }

        if (read.Tls is null)
        {
            if (o.CertificateAuthorities.Count > 0)
            {
                yield return Errors.NeedsTls(nameof(o.CertificateAuthorities), "set");
            }

            if (o.ClientCertificate is not null)
            {
                yield return Errors.NeedsTls(nameof(o.ClientCertificate), "set");
            }

            if (!o.CheckHostName)
            {
                yield return Errors.NeedsTls(nameof(o.CheckHostName), "false");
            }
        }
        else if (!o.CheckHostName && read.Tls.HostName is { } name)
        {
            yield return Errors.HostNameUnchecked(name);
        }
    }

    private static IEnumerable<string> Settings(RedisOptions o)
    {
        if (string.IsNullOrWhiteSpace(o.KeyPrefix))
        {
            yield return Errors.EmptyKeyPrefix;
        }

        if (o.RequestTimeout is { } limit && (limit < ShortestRequest || limit > LongestRequest))
        {
            yield return Errors.RequestTimeout(limit, ShortestRequest, LongestRequest);
        }

        if (o.CompressionThreshold < 0)
        {
            yield return Errors.OutOfRange(nameof(o.CompressionThreshold), o.CompressionThreshold, 0, int.MaxValue);
        }

        if (o.LogLength is < 100 or > 10_000_000)
        {
            yield return Errors.OutOfRange(nameof(o.LogLength), o.LogLength, 100, 10_000_000);
        }

        if (o.ClientName is { } client && !RespHostFormat.IsClientName(client))
        {
            yield return Errors.ClientNameOption;
        }

        if (o.ClientCertificate is { HasPrivateKey: false } certificate)
        {
            yield return Errors.NoPrivateKey(certificate.Subject);
        }
    }
}
