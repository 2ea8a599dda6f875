using System.Globalization;
using Unstale;

namespace CatalogueSample;

/// <summary>Prints which cached results each write has invalidated, and compares all results with the database.</summary>
internal sealed class ResultTable(UnstaleCache cache, Catalogue catalogue, TextWriter output)
{
    private const int FirstWidth = 40;
    private const int Width = 13;

    public async Task BeginAsync()
    {
        foreach (var result in CachedResult.All)
        {
            await result.ReadAsync(catalogue);
            await output.WriteLineAsync($"{result.Title,-Width}{string.Join(' ', cache.Explain(result.Key).Rows)}");
        }

        await output.WriteLineAsync();
        await WriteAsync("", CachedResult.All.Select(static result => result.Title), "stale");
    }

    public async Task ShowAsync(string write, Func<Task> run)
    {
        await run();
        var states = CachedResult.All.Select(result => cache.Explain(result.Key).State == EntryState.Live ? "served" : "invalidated").ToList();
        var stale = 0;
        foreach (var result in CachedResult.All)
        {
            var returned = await result.ReadAsync(catalogue);
            using (cache.BypassScope())
                stale += returned == await result.ReadAsync(catalogue) ? 0 : 1;
        }

        await WriteAsync(write, states, string.Create(CultureInfo.InvariantCulture, $"{stale} of {states.Count}"));
    }

    private Task WriteAsync(string first, IEnumerable<string> columns, string last) =>
        output.WriteLineAsync($"{first,-FirstWidth}{string.Concat(columns.Select(static column => $"{column,-Width}"))}{last}");
}
