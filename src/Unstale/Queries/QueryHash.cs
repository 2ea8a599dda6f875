using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>
/// Computes a key for a query that provides none: 32 hexadecimal digits, the first half of the SHA-256 hash of the query's canonical JSON. The
/// hash is the same in every process and culture, and does not depend on the order of member declarations or of entries.
/// </summary>
/// <remarks>
/// The JSON contains all fields and automatic properties, including inherited and private ones, sorted by name. Computed properties are
/// omitted. Use <c>[JsonIgnore]</c> to omit members that do not affect the result. Equal numbers such as <c>1.0m</c> and <c>1.00m</c> have the
/// same hash; sets and dictionaries are sorted; enums are written by name. Ambiguous values are rejected: a member whose value has a type derived
/// from the declared one, cycles, delegates, services, collections of other libraries. A type without members is also rejected, because such a
/// type looks like one whose members were trimmed away, and all queries of the type would share one result.
/// <para>
/// Members are read by reflection. Native AOT preserves only some members, so every hash is rejected there: implement
/// <see cref="ICacheableQuery"/> and provide a key.
/// </para>
/// </remarks>
public static class QueryHash
{
    internal const string NeedsMembers =
        "The hash of a query is computed from its members, which must not be trimmed. Implement ICacheableQuery with a key if the application is trimmed or compiled ahead of time.";

    private const int HashBytes = 16;

    /// <summary>Returns the hash of a query's members.</summary>
    /// <param name="query">Query to hash.</param>
    /// <exception cref="InvalidOperationException">
    /// The query, or an object in it, contains an ambiguous value or has no members (the message contains the path of the member), or the
    /// application is compiled ahead of time, where not all members are visible.
    /// </exception>
    [RequiresUnreferencedCode(NeedsMembers)]
    public static string Of(object query) => Of(query, RuntimeFeature.IsDynamicCodeSupported);

    /// <param name="query">Query to hash.</param>
    /// <param name="isReflectionWhole">Whether reflection is guaranteed to return all members of a type.</param>
    [RequiresUnreferencedCode(NeedsMembers)]
    internal static string Of(object query, bool isReflectionWhole)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!isReflectionWhole)
            throw Errors.QueryMembersHidden(query.GetType());
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Write(query)), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
