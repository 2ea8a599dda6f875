namespace Unstale.Redis.Channel;

/// <summary>How a cache obeys what other services say over a channel. Checked when the host starts.</summary>
public sealed class ChannelBridgeOptions
{
    // Each may become a pattern of the log at once, beside the 32 that others may have there of the 64 that it takes.
    private const int MostPrefixes = 24;

    /// <summary>The name of the channel. Default: <c>cache:invalidate</c>.</summary>
    public string Channel { get; set; } = ChannelOptions.DefaultChannel;

    /// <summary>What messages say of who sent them. Default: empty, which is the name of the application.</summary>
    public string ServiceName { get; set; } = "";

    /// <summary>
    /// Whether messages may name any pattern and any number of them. If not, a pattern that begins with a wildcard (<c>*</c>, <c>?*</c>,
    /// <c>[^x]*</c>) or is too long to be matched is counted and left out, and patterns that come too fast wait, and at last become their
    /// prefixes. <see cref="Accept"/> narrows further what may be named. Default: true.
    /// </summary>
    public bool AcceptEverything { get; set; } = true;

    /// <summary>
    /// The patterns of one service that go to the log in a second, 1 to 32, unless <see cref="AcceptEverything"/> is true. The log turns
    /// more than 64 patterns that are not swept yet into everything. Default: 16.
    /// </summary>
    public int PatternsPerSecond { get; set; } = 16;

    /// <summary>
    /// The patterns of one service that may wait, 1 to 1,024, unless <see cref="AcceptEverything"/> is true. When one more comes, the
    /// accepted prefixes that cover them take their place, or what they have in common where none are listed. Default: 64.
    /// </summary>
    public int PatternCapacity { get; set; } = 64;

    /// <summary>How far a message about one entity reaches. Default: as a change does, so that lists over its type go too.</summary>
    public ChangeScope Scope { get; set; } = ChangeScope.Resource;

    /// <summary>
    /// Whether what this node raises in the log is told to the other services too: keys and tags as entities, keys that are none as a
    /// batch, globs as patterns; what a channel cannot say, as <c>*</c>. What others said over a channel is not. Default: false.
    /// </summary>
    public bool PublishRecords { get; set; }

    /// <summary>Whether log lines say which key or pattern a message took. Default: false, for keys may hold what is private.</summary>
    public bool LogKeys { get; set; }

    /// <summary>
    /// How many messages may wait here, 16 to 1,000,000. When one too many comes, everything is invalidated. Default: 8,192.
    /// </summary>
    public int QueueCapacity { get; set; } = ChannelOptions.DefaultQueueCapacity;

    internal Dictionary<string, Func<ReadOnlyMemory<byte>, PlainInvalidation>> Plain { get; } = new(StringComparer.Ordinal);

    /// <summary>Obeys one more channel, of messages of another form.</summary>
    /// <param name="name">The name of the channel.</param>
    /// <param name="map">
    /// Says what a message means; <see cref="PlainChannels"/> has two. What throws is counted as rejected. Such messages have no id, so each
    /// node makes a record of its own.
    /// </param>
    /// <exception cref="ArgumentException">The channel is there already.</exception>
    public ChannelBridgeOptions AddChannel(string name, Func<ReadOnlyMemory<byte>, PlainInvalidation> map)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(map);
        return Plain.TryAdd(name, map) ? this : throw Errors.ChannelTwice(name);
    }

    internal HashSet<string> Accepted { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, HashSet<string>> AcceptedFrom { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Lists what services may name that have no list of their own: keys, entities and patterns that begin with one of these texts, such as
    /// <c>user:</c>. What else a message names is counted and left out. <see cref="AcceptEverything"/> must be false.
    /// </summary>
    /// <remarks>
    /// What the rules and dependencies of this cache add is not judged. A list protects against mistakes of other services. The name of a
    /// service is what its messages claim, so against an attacker only the server's ACL protects: it decides who may publish.
    /// </remarks>
    /// <param name="prefixes">What keys begin with; at most 24 in all lists.</param>
    /// <exception cref="ArgumentException">A prefix is empty.</exception>
    public ChannelBridgeOptions Accept(params IEnumerable<string> prefixes) => Add(Accepted, prefixes);

    /// <summary>Lists what one service may name, in place of the list for all. See <see cref="Accept"/>.</summary>
    /// <param name="service">The name in its messages; for a plain channel, the name of the channel.</param>
    /// <param name="prefixes">What keys begin with; none for nothing.</param>
    /// <exception cref="ArgumentException">A prefix is empty.</exception>
    public ChannelBridgeOptions AcceptFrom(string service, params IEnumerable<string> prefixes)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        if (!AcceptedFrom.TryGetValue(service, out var list))
        {
            AcceptedFrom.Add(service, list = new(StringComparer.Ordinal));
        }

        return Add(list, prefixes);
    }

    private ChannelBridgeOptions Add(HashSet<string> list, IEnumerable<string> prefixes)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        foreach (var prefix in prefixes)
        {
            list.Add(string.IsNullOrEmpty(prefix) ? throw Errors.EmptyAcceptedPrefix() : prefix);
        }

        return this;
    }

    internal IEnumerable<string> Problems()
    {
        if (new ChannelOptions { Channel = Channel, QueueCapacity = QueueCapacity }.Problem() is { } problem)
        {
            yield return problem;
        }

        if (Plain.ContainsKey(Channel ?? ""))
        {
            yield return Errors.ChannelIsPlain(Channel!);
        }

        var names = new AcceptedNames(this);
        if (AcceptEverything && names.HasLists)
        {
            yield return Errors.AcceptedAndEverything;
        }

        if (names.AllPrefixes.Count() > MostPrefixes)
        {
            yield return Errors.TooManyAcceptedPrefixes(names.AllPrefixes.Count(), MostPrefixes);
        }

        if (PatternsPerSecond is < 1 or > 32)
        {
            yield return Errors.OutOfRange(nameof(PatternsPerSecond), PatternsPerSecond, 1, 32);
        }

        if (PatternCapacity is < 1 or > 1024)
        {
            yield return Errors.OutOfRange(nameof(PatternCapacity), PatternCapacity, 1, 1024);
        }

        if (!Enum.IsDefined(Scope))
        {
            yield return Errors.UnknownScope(Scope);
        }
    }
}
