using System.Diagnostics.CodeAnalysis;

namespace Unstale.Redis.Channel;

/// <summary>Keys in the form that services agree on: <c>type:id</c>. The id may contain further colons.</summary>
public static class EntityKey
{
    private const char Separator = ':';

    /// <summary>Returns the key of an entity: <c>user:123</c>.</summary>
    public static string Of(EntityType type, string id)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(id);
        return $"{type.Word}{Separator}{id}";
    }

    /// <summary>Splits a key at the first colon: <c>user:123:456</c> is the user <c>123:456</c>.</summary>
    /// <returns>False if the key is not valid.</returns>
    public static bool TrySplit(string? key, [NotNullWhen(true)] out EntityType? type, [NotNullWhen(true)] out string? id)
    {
        var at = key?.IndexOf(Separator, StringComparison.Ordinal) ?? -1;
        var isValid = at > 0 && at < key!.Length - 1;
        type = isValid ? EntityType.FromWord(key![..at]) : null;
        id = isValid ? key![(at + 1)..] : null;
        return isValid;
    }

    /// <summary>Returns the glob of several keys of a type: <c>user:*</c> for all. Special characters in the name of the type are escaped.</summary>
    /// <param name="type">Type of the entities.</param>
    /// <param name="pattern">Glob over the ids. Default: <c>*</c> (all).</param>
    public static string BuildPattern(EntityType type, string pattern = "*")
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(pattern);
        return $"{GlobPattern.Escape(type.Word)}{Separator}{pattern}";
    }

    /// <summary>Returns the type of a key: <c>user:123:456</c> is a user. Null if the key is not valid.</summary>
    public static EntityType? ExtractEntityType(string? key) => TrySplit(key, out var type, out _) ? type : null;

    /// <summary>Whether there is text before the first colon and after it.</summary>
    public static bool IsValid(string? key) => TrySplit(key, out _, out _);
}
