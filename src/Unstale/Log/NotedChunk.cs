namespace Unstale.Log;

/// <summary>Some consecutive records of a node. Written under the horizon's lock.</summary>
internal sealed class NotedChunk(int capacity)
{
    public readonly NotedRecord[] Records = new NotedRecord[capacity];

    /// <summary>Chunk with the following records. Set before any of them is in a snapshot.</summary>
    public NotedChunk? Next;

    /// <summary>Ordinal among all chunks of the node.</summary>
    public long Number;
}
