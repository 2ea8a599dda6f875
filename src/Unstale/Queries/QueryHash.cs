using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
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
/// a type derived from the declared one, circles, delegates, services, collections of other libraries. So is a type without any member: a query
/// that holds nothing looks like one whose members were trimmed away, and each query would get the result of every other.
/// <para>
/// The members are read by reflection. Native AOT keeps only some of them visible, so every hash is refused there: implement
/// <see cref="ICacheableQuery"/> and give a key.
/// </para>
/// </remarks>
public static class QueryHash
{
    internal const string NeedsMembers =
        "The hash of a query is made of its members, which must not be trimmed. Implement ICacheableQuery and give a key where the application is trimmed or compiled ahead of time.";

    private const int HashBytes = 16;

    /// <summary>The hash of what a query holds.</summary>
    /// <param name="query">The query.</param>
    /// <exception cref="InvalidOperationException">
    /// The query, or an object in it, holds something that cannot be told apart, or no member at all; the message names the member. Or the application
    /// is compiled ahead of time, where not all members are visible.
    /// </exception>
    [RequiresUnreferencedCode(NeedsMembers)]
    public static string Of(object query) => Of(query, RuntimeFeature.IsDynamicCodeSupported);

    /// <param name="query">The query.</param>
    /// <param name="isReflectionWhole">False where the runtime may show only some of the members of a type.</param>
    [RequiresUnreferencedCode(NeedsMembers)]
    internal static string Of(object query, bool isReflectionWhole)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!isReflectionWhole)
            throw Errors.QueryMembersHidden(query.GetType());
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Of(query)), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
