using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
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
/// Members are read by reflection, or from JSON metadata in an application that is trimmed or compiled ahead of time (Native AOT). Both ways return the same
/// hash. Metadata must be the whole state of a query: a computed property needs <c>[JsonIgnore]</c>, private state is rejected. Private state without a
/// constructor parameter is found only where reflection is complete, so run the queries of a native application once in a test.
/// </para>
/// </remarks>
public static class QueryHash
{
    internal const string NeedsMembers =
        "The hash of a query is computed from its members, which must not be trimmed. Pass the JsonSerializerContext that contains the query if the application is trimmed or compiled ahead of time.";

    private const int HashBytes = 16;

    /// <summary>Returns the hash of a query's members, read by reflection.</summary>
    /// <param name="query">Query to hash.</param>
    /// <exception cref="InvalidOperationException">
    /// The query, or an object in it, contains an ambiguous value or has no members (the message contains the path of the member), or the
    /// application is trimmed or compiled ahead of time, where not all members are visible.
    /// </exception>
    [RequiresUnreferencedCode(NeedsMembers)]
    public static string Of(object query) => Of(query, WholeReflection.IsAvailable);

    /// <summary>
    /// Returns the hash of a query's members, read from JSON metadata. Use this method in the <see cref="ICacheableQuery.CacheKey"/> of a query in an
    /// application that is trimmed or compiled ahead of time: <c>QueryHash.Of(this, QueryContext.Default)</c>.
    /// </summary>
    /// <param name="query">Query to hash.</param>
    /// <param name="resolver">Metadata of the query type and of the types of its members, usually a <c>JsonSerializerContext</c>.</param>
    /// <exception cref="InvalidOperationException">
    /// The query, or an object in it, contains an ambiguous value, or the metadata is missing or is not the whole state of a type. The message contains the
    /// path of the member.
    /// </exception>
    public static string Of(object query, IJsonTypeInfoResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(resolver);
        return Of(query, MetadataTypes.Of(resolver));
    }

    /// <param name="query">Query to hash.</param>
    /// <param name="isReflectionWhole">Whether reflection is guaranteed to return all members of a type.</param>
    [RequiresUnreferencedCode(NeedsMembers)]
    internal static string Of(object query, bool isReflectionWhole)
    {
        ArgumentNullException.ThrowIfNull(query);
        return isReflectionWhole ? Of(query, ReflectedTypes.Instance) : throw Errors.QueryMembersHidden(query.GetType());
    }

    internal static string Of(object query, ICanonicalTypes types)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Write(query, types)), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
