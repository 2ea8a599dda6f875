using System.Security.Cryptography;
using System.Text;

namespace Unstale.Queries;

/// <summary>
/// A key for a query that gives none: 32 hexadecimal digits, the first half of the SHA-256 of its canonical JSON. The same in every
/// process and culture, whatever the order in which members are declared or entries were added.
/// </summary>
/// <remarks>
/// The JSON holds what the query holds: its fields and automatic properties, those of base types and private ones too, sorted by name; computed
/// properties are left out. <c>[JsonIgnore]</c> leaves out what does not change the result. Equal numbers, <c>1.0m</c> and <c>1.00m</c>,
/// are the same; sets and dictionaries are sorted; enums go by name. What cannot be told apart is refused: a member that holds
/// a type derived from the declared one, circles, delegates, services, collections of other libraries.
/// </remarks>
public static class QueryHash
{
    private const int HashBytes = 16;

    /// <summary>The hash of what a query holds.</summary>
    /// <param name="query">The query.</param>
    /// <exception cref="InvalidOperationException">It holds something that cannot be told apart; the message names the member.</exception>
    public static string Of(object query)
    {
        ArgumentNullException.ThrowIfNull(query);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Of(query)), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
