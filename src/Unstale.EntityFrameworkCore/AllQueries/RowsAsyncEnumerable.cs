namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Result of a query whose commands are sent while it is enumerated.</summary>
internal sealed class RowsAsyncEnumerable<T>(IAsyncEnumerable<T> inner, RowsQuery query) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Enumerator(inner.GetAsyncEnumerator(cancellationToken), query);

    private sealed class Enumerator(IAsyncEnumerator<T> inner, RowsQuery query) : IAsyncEnumerator<T>
    {
        public T Current => inner.Current;

        public ValueTask<bool> MoveNextAsync() => query.Run(static inner => inner.MoveNextAsync(), inner);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
