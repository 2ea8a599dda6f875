namespace Unstale.Redis.Channel;

/// <summary>What kind of thing a message is about: one of five that every service knows, or one of the services' own.</summary>
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

    /// <summary>The types that have a name of their own in messages.</summary>
    public static IReadOnlyList<EntityType> Known { get; } = [User, Post, Comment, Notification, Feed];

    /// <summary>The name in messages.</summary>
    public string Name { get; }

    /// <summary>The first part of keys: lower case for the five, as it is for all others.</summary>
    public string Word { get; }

    /// <summary>Whether it is written as <c>{"Custom":"name"}</c>. A custom <c>user</c> is not <see cref="User"/>, though their keys are the same.</summary>
    public bool IsCustom { get; }

    /// <summary>A type of the services' own, written as it is in messages and keys.</summary>
    public static EntityType Custom(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(name, name, isCustom: true);
    }

    /// <summary>The type that the first part of a key names: one of the five lower-case words, or else a custom one.</summary>
    public static EntityType FromWord(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return Known.FirstOrDefault(known => known.Word == word) ?? Custom(word);
    }

    /// <summary>The name in messages; of a custom type in the form <c>Custom(name)</c>.</summary>
    public override string ToString() => IsCustom ? $"Custom({Name})" : Name;

    internal static EntityType? FromName(string name) => Known.FirstOrDefault(known => known.Name == name);
}
