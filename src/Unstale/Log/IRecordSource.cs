namespace Unstale.Log;

/// <summary>Record, or an object from which one is created on request.</summary>
internal interface IRecordSource
{
    InvalidationRecord ToRecord();
}
