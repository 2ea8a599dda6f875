using System.Runtime.ExceptionServices;

namespace Unstale.WriteThrough;

/// <summary>Value to be set, after every step that may fail before the append was tried.</summary>
/// <param name="Tags">All names carried by the value.</param>
/// <param name="Payload">Serialised value, if memory stores this form or the second level stores the value.</param>
internal readonly record struct PreparedWrite(string[] Tags, byte[]? Payload)
{
    /// <summary>Measured size of a value that its entry cannot measure, in bytes; 0 for all others.</summary>
    public long Size { get; init; }

    /// <summary>Whether the value may be stored. If not, the write only appends the record.</summary>
    public bool MayKeep { get; init; }

    /// <summary>Failure of the preparation, thrown after the key is invalidated.</summary>
    public ExceptionDispatchInfo? Failure { get; init; }

    public static PreparedWrite Refused(ExceptionDispatchInfo refusal) => new([], null) { Failure = refusal };
}
