namespace Unstale.Log;

/// <summary>Relation of a node's position to the log.</summary>
internal enum TailState
{
    /// <summary>The node is in the log's generation. The reply contains the missing records.</summary>
    Records,

    /// <summary>The log is in another generation.</summary>
    OtherGeneration,

    /// <summary>The history is broken or forked. A new generation must be created.</summary>
    Broken,
}
