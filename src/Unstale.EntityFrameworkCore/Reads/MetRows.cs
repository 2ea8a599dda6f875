using System.Collections;
using Microsoft.EntityFrameworkCore.Query;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Rows of an execution that notes keys. A reader that stops before the last row leaves the keys unknown.</summary>
internal sealed class MetRows<T>(object rows, MetValues met) : IEnumerable<T>, IAsyncEnumerable<T>, IQueryingEnumerable
{
    public string ToQueryString() => rows is IQueryingEnumerable query ? query.ToQueryString() : "";

    public IEnumerator<T> GetEnumerator()
    {
        foreach (var row in (IEnumerable<T>)rows)
            yield return row;
        met.End();
    }

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var row in ((IAsyncEnumerable<T>)rows).WithCancellation(cancellationToken).ConfigureAwait(false))
            yield return row;
        met.End();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
