using System.Runtime.ExceptionServices;

namespace Unstale.Store;

/// <summary>A value that is to be set, once all that may fail before its record was tried.</summary>
/// <param name="Tags">All that it carries.</param>
/// <param name="Payload">Its serialised form, where it is kept so or goes into the second level.</param>
internal readonly record struct PreparedWrite(string[] Tags, byte[]? Payload)
{
    /// <summary>False if nothing but the record is left of the write.</summary>
    public bool MayKeep { get; init; }

    /// <summary>What went wrong; thrown once the key is invalidated.</summary>
    public ExceptionDispatchInfo? Failure { get; init; }

    public static PreparedWrite Refused(ExceptionDispatchInfo refusal) => new([], null) { Failure = refusal };
}
