namespace Unstale.Log;

/// <summary>Position of an appended record.</summary>
/// <param name="Generation">Generation to which the record was appended.</param>
/// <param name="Sequence">Sequence of the record. For a superseded record, the sequence of the earlier record that reported the version.</param>
/// <param name="PreviousId">Id of the preceding record.</param>
internal readonly record struct AppendReply(Generation Generation, long Sequence, long PreviousId)
{
    /// <summary>State of the record's version.</summary>
    public VersionState Version { get; init; }

    /// <summary>Newest sequence at the time of the reply. Set for a superseded record, which was not appended.</summary>
    public long Newest { get; init; }
}
