using System.Collections;

namespace Unstale.Log;

/// <summary>
/// Snapshot of the records noted by a node, in the order in which the node first saw them. Holds references to the node's own chunks, whose written
/// slots no longer change: taking a snapshot copies nothing, and reading one needs no lock.
/// </summary>
/// <param name="oldest">Chunk with the first record; null if there is no record.</param>
/// <param name="start">Index of the first record in its chunk.</param>
/// <param name="count">Number of records.</param>
internal readonly struct NotedRecords(NotedChunk? oldest, int start, int count) : IReadOnlyCollection<NotedRecord>
{
    public int Count => count;

    public Enumerator GetEnumerator() => new(oldest, start, count);

    IEnumerator<NotedRecord> IEnumerable<NotedRecord>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Position in a snapshot.</summary>
    public struct Enumerator(NotedChunk? chunk, int start, int count) : IEnumerator<NotedRecord>
    {
        private NotedChunk? _chunk = chunk;
        private int _next = start;
        private int _left = count;

        public NotedRecord Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            if (_left-- <= 0)
                return false;
            if (_next == _chunk!.Records.Length)
                (_chunk, _next) = (_chunk.Next, 0);
            Current = _chunk!.Records[_next++];
            return true;
        }

        public readonly void Reset() => throw new NotSupportedException();

        public readonly void Dispose()
        {
        }
    }
}
