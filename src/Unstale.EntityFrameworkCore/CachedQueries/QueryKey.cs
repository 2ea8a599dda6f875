using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Unstale.EntityFrameworkCore.Reads;

namespace Unstale.EntityFrameworkCore.CachedQueries;

/// <summary>Key of the result of a query: equal for equal queries, parameters, result types and databases, in all processes.</summary>
internal static class QueryKey
{
    private const int Bytes = 24;

    /// <param name="query">Captured query.</param>
    /// <param name="kind">Part of the result: a list, the first element, the count.</param>
    /// <param name="result">Type of the result.</param>
    /// <exception cref="InvalidOperationException">A parameter has no text by which its values can be told apart.</exception>
    public static string Of(QueryCapture query, string kind, Type result)
    {
        var database = DatabaseName.OrIdentifierOf(query.Context.Database.GetDbConnection());
        var text = new StringBuilder(512);
        foreach (var part in (ReadOnlySpan<string?>)[kind, result.ToString(), query.Context.GetType().FullName, database, query.Plan.Fingerprint ?? throw Errors.NoFingerprint()])
            ParameterText.Append(text, part);
        foreach (var (name, value) in query.Parameters.OrderBy(static one => one.Key, StringComparer.Ordinal))
        {
            ParameterText.Append(text, name);
            if (!ParameterText.TryAppend(text, value))
                throw Errors.ParameterWithoutText(name, value!.GetType());
        }

        return OfText($"query:{kind}", text);
    }

    /// <summary>Returns a key with the hash of a text.</summary>
    public static string OfText(string prefix, StringBuilder text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
        return $"{prefix}:{Base64Url.EncodeToString(hash[..Bytes])}";
    }
}
