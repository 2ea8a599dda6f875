namespace Unstale.Log;

/// <summary>Record, or an object from which one is created on request.</summary>
internal interface IRecordSource
{
    long Id { get; }

    ReadOnlySpan<InvalidationTarget> Targets { get; }

    InvalidationRecord ToRecord();
}
