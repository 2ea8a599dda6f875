using System.Collections.Concurrent;

namespace UnstaleApi;

/// <summary>The source of truth. Replace this class with your database.</summary>
public sealed class ProductTable
{
    private readonly ConcurrentDictionary<int, Product> _rows = new() { [4] = new Product(4, "Lamp", 34.95m) };

    public async ValueTask<Product?> FindAsync(int id, CancellationToken cancellationToken)
    {
        await Task.Delay(100, cancellationToken);   // a slow query
        return _rows.GetValueOrDefault(id);
    }

    public bool SetPrice(int id, decimal price)
    {
        if (!_rows.TryGetValue(id, out var row))
            return false;
        _rows[id] = row with { Price = price };
        return true;
    }
}
