namespace Unstale.Log;

/// <summary>Where an appended record stands.</summary>
/// <param name="Generation">The generation it was appended to.</param>
/// <param name="Sequence">Its sequence; of a superseded one, that of the record that told of the version before.</param>
/// <param name="PreviousId">The id of the record before it.</param>
public readonly record struct AppendReply(Generation Generation, long Sequence, long PreviousId)
{
    /// <summary>What is known of the record's version.</summary>
    public VersionState Version { get; init; }

    /// <summary>Of a superseded record, which was not appended: the newest sequence at the answer.</summary>
    public long Newest { get; init; }
}
