namespace Unstale.Log;

/// <summary>How a node's place in the log relates to the log.</summary>
public enum TailState
{
    /// <summary>The node's generation is the log's: here is what it misses.</summary>
    Records,

    /// <summary>The log is in another generation.</summary>
    OtherGeneration,

    /// <summary>The history is broken or forked: somebody must create a new generation.</summary>
    Broken,
}
