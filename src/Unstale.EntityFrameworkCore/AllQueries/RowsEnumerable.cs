using System.Collections;
using Microsoft.EntityFrameworkCore.Query;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Result of a query whose commands are sent while it is enumerated.</summary>
internal sealed class RowsEnumerable<T>(IEnumerable<T> inner, RowsQuery query) : IEnumerable<T>, IQueryingEnumerable
{
    public string ToQueryString() => inner is IQueryingEnumerable text ? text.ToQueryString() : "";

    public IEnumerator<T> GetEnumerator() => new Enumerator(inner.GetEnumerator(), query);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class Enumerator(IEnumerator<T> inner, RowsQuery query) : IEnumerator<T>
    {
        public T Current => inner.Current;

        object? IEnumerator.Current => inner.Current;

        public bool MoveNext() => query.Run(static inner => inner.MoveNext(), inner);

        public void Reset() => inner.Reset();

        public void Dispose() => inner.Dispose();
    }
}
