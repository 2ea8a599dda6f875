namespace Unstale.Log;

/// <summary>Session with a log in the memory of this process.</summary>
internal interface ILocalSession
{
    /// <summary>Appends one record before the call returns.</summary>
    AppendReply Append(InvalidationRecord record);
}
