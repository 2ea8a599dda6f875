namespace Unstale.Redis.Channel;

/// <summary>How a cache obeys what other services say over a channel. Checked when the host starts.</summary>
public sealed class ChannelBridgeOptions
{
    /// <summary>The name of the channel. Default: <c>cache:invalidate</c>.</summary>
    public string Channel { get; set; } = ChannelOptions.DefaultChannel;

    /// <summary>What messages say of who sent them. Default: empty, which is the name of the application.</summary>
    public string ServiceName { get; set; } = "";

    /// <summary>
    /// Whether a message may take everything: the pattern <c>*</c>, or one too long to be matched. If not, it is counted and left out.
    /// Default: true.
    /// </summary>
    public bool AcceptEverything { get; set; } = true;

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

        if (!Enum.IsDefined(Scope))
        {
            yield return Errors.UnknownScope(Scope);
        }
    }
}
