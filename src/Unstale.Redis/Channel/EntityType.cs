namespace Unstale.Redis.Channel;

/// <summary>Type of the entity in a message: one of five predefined types, or a custom type of the services.</summary>
public sealed record EntityType
{
    private EntityType(string name, string word, bool isCustom)
    {
        Name = name;
        Word = word;
        IsCustom = isCustom;
    }

    /// <summary><c>"User"</c> in messages, <c>user</c> in keys.</summary>
    public static EntityType User { get; } = new("User", "user", isCustom: false);

    /// <summary><c>"Post"</c> in messages, <c>post</c> in keys.</summary>
    public static EntityType Post { get; } = new("Post", "post", isCustom: false);

    /// <summary><c>"Comment"</c> in messages, <c>comment</c> in keys.</summary>
    public static EntityType Comment { get; } = new("Comment", "comment", isCustom: false);

    /// <summary><c>"Notification"</c> in messages, <c>notification</c> in keys.</summary>
    public static EntityType Notification { get; } = new("Notification", "notification", isCustom: false);

    /// <summary><c>"Feed"</c> in messages, <c>feed</c> in keys.</summary>
    public static EntityType Feed { get; } = new("Feed", "feed", isCustom: false);

    /// <summary>The predefined types.</summary>
    public static IReadOnlyList<EntityType> Known { get; } = [User, Post, Comment, Notification, Feed];

    /// <summary>Name of the type in messages.</summary>
    public string Name { get; }

    /// <summary>First part of keys. Predefined types use lower case; custom types use the name unchanged.</summary>
    public string Word { get; }

    /// <summary>
    /// Whether messages contain the type as <c>{"Custom":"name"}</c>. A custom <c>user</c> is not equal to <see cref="User"/>, although their keys are the same.
    /// </summary>
    public bool IsCustom { get; }

    /// <summary>Creates a custom type. The name is used unchanged in messages and keys.</summary>
    public static EntityType Custom(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(name, name, isCustom: true);
    }

    /// <summary>Returns the type for the first part of a key: one of the five lower-case words, or else a custom type.</summary>
    public static EntityType FromWord(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return Known.FirstOrDefault(known => known.Word == word) ?? Custom(word);
    }

    /// <summary>Returns the name in messages, or <c>Custom(name)</c> for a custom type.</summary>
    public override string ToString() => IsCustom ? $"Custom({Name})" : Name;

    internal static EntityType? FromName(string name) => Known.FirstOrDefault(known => known.Name == name);
}
