using Unstale.Hosting;

namespace Unstale.Redis.Channel;

/// <summary>Options for a cache that follows invalidations of other services over a channel. Validated when the host starts.</summary>
public sealed class ChannelBridgeOptions
{
    // Each prefix may become a pattern of the log at once, in addition to the 32 of other origin. The log has room for 64.
    private const int MostPrefixes = 24;

    /// <summary>Name of the channel. Default: <c>cache:invalidate</c>.</summary>
    public string Channel { get; set; } = ChannelOptions.DefaultChannel;

    /// <summary>Name of the sender in published messages. Default: empty, which means the name of the application.</summary>
    public string ServiceName { get; set; } = "";

    /// <summary>
    /// Whether messages may name any pattern and any number of patterns. If false, a pattern that begins with a wildcard (<c>*</c>, <c>?*</c>,
    /// <c>[^x]*</c>) or is too long to be matched is counted and ignored. Patterns that arrive too fast wait, and are finally replaced by their
    /// prefixes. <see cref="Accept"/> restricts the names further. Default: true.
    /// </summary>
    public bool AcceptEverything { get; set; } = true;

    /// <summary>
    /// Maximum number of patterns per service that enter the log in one second, from 1 to 32. Ignored if <see cref="AcceptEverything"/> is true. The log
    /// replaces more than 64 unswept patterns by everything. Default: 16.
    /// </summary>
    public int PatternsPerSecond { get; set; } = 16;

    /// <summary>
    /// Maximum number of patterns per service that may wait, from 1 to 1,024. Ignored if <see cref="AcceptEverything"/> is true. Beyond this number, the
    /// patterns are replaced by the accepted prefixes that cover them, or by their common prefixes if none are listed. Default: 64.
    /// </summary>
    public int PatternCapacity { get; set; } = 64;

    /// <summary>Scope of a message about one entity. Default: the scope of a change, which also invalidates lists over the type of the entity.</summary>
    public ChangeScope Scope { get; set; } = ChangeScope.Resource;

    /// <summary>
    /// Whether invalidations that this node appends to the log are published to the other services too: keys and tags as entities, other keys as a batch,
    /// globs as patterns, and everything that a channel cannot express as <c>*</c>. Invalidations received over a channel are not published. Default: false.
    /// </summary>
    public bool PublishRecords { get; set; }

    /// <summary>Whether log lines contain the key or pattern that a message invalidated. Default: false, because keys may contain private data.</summary>
    public bool LogKeys { get; set; }

    /// <summary>
    /// Maximum number of messages that may wait, from 16 to 1,000,000. Beyond this number, everything that messages may name is invalidated.
    /// Default: 8,192.
    /// </summary>
    public int QueueCapacity { get; set; } = ChannelOptions.DefaultQueueCapacity;

    internal Dictionary<string, Func<ReadOnlyMemory<byte>, ForeignInvalidation>> ForeignMaps { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a foreign channel, whose messages have another form.</summary>
    /// <param name="name">Name of the channel.</param>
    /// <param name="map">
    /// Function that converts a message into an invalidation; <see cref="ForeignChannels"/> has two. A message for which the function throws is counted as
    /// rejected. Such messages have no id, so each node appends a record of its own.
    /// </param>
    /// <exception cref="ArgumentException">The channel was added before.</exception>
    public ChannelBridgeOptions AddChannel(string name, Func<ReadOnlyMemory<byte>, ForeignInvalidation> map)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(map);
        return ForeignMaps.TryAdd(name, map) ? this : throw Errors.ChannelTwice(name);
    }

    internal HashSet<string> Accepted { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, HashSet<string>> AcceptedFrom { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Lists the names that services without a list of their own may use: keys, entities and patterns that begin with one of these texts, such as
    /// <c>user:</c>. Other names in a message are counted and ignored. <see cref="AcceptEverything"/> must be false.
    /// </summary>
    /// <remarks>
    /// Names that are added by the rules and dependencies of this cache are not checked. A list protects against mistakes of other services. The service name
    /// in a message is unverified. Against an attacker only the server's ACL protects, because the ACL controls publishing.
    /// </remarks>
    /// <param name="prefixes">Prefixes of keys; at most 24 in all lists.</param>
    /// <exception cref="ArgumentException">A prefix is empty.</exception>
    public ChannelBridgeOptions Accept(params IEnumerable<string> prefixes) => Add(Accepted, prefixes);

    /// <summary>Lists the names that one service may use, in place of the common list. See <see cref="Accept"/>.</summary>
    /// <param name="service">Name of the service in its messages; for a foreign channel, the name of the channel.</param>
    /// <param name="prefixes">Prefixes of keys. An empty list accepts nothing.</param>
    /// <exception cref="ArgumentException">A prefix is empty.</exception>
    public ChannelBridgeOptions AcceptFrom(string service, params IEnumerable<string> prefixes)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        if (!AcceptedFrom.TryGetValue(service, out var list))
            AcceptedFrom.Add(service, list = new(StringComparer.Ordinal));

        return Add(list, prefixes);
    }

    private ChannelBridgeOptions Add(HashSet<string> list, IEnumerable<string> prefixes)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        foreach (var prefix in prefixes)
            list.Add(string.IsNullOrEmpty(prefix) ? throw Errors.EmptyAcceptedPrefix() : prefix);

        return this;
    }

    internal IEnumerable<string> Problems()
    {
        if (new ChannelOptions { Channel = Channel, QueueCapacity = QueueCapacity }.Problem() is { } problem)
            yield return problem;

        if (ForeignMaps.ContainsKey(Channel ?? ""))
            yield return Errors.ChannelIsForeign(Channel!);

        var names = new AcceptedNames(this);
        if (AcceptEverything && names.HasLists)
            yield return Errors.AcceptedAndEverything;

        if (names.AllPrefixes.Count() > MostPrefixes)
            yield return Errors.TooManyAcceptedPrefixes(names.AllPrefixes.Count(), MostPrefixes);

        if (SettingRange.Problem(nameof(PatternsPerSecond), PatternsPerSecond, 1, 32) is { } rate)
            yield return rate;

        if (SettingRange.Problem(nameof(PatternCapacity), PatternCapacity, 1, 1024) is { } capacity)
            yield return capacity;

        if (!Enum.IsDefined(Scope))
            yield return Errors.UnknownScope(Scope);
    }
}
