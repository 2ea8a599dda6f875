using Microsoft.Extensions.DependencyInjection;
using Unstale;
using Unstale.Rules;

namespace RulesSample;

/// <summary>Cache with its own rules, and a few entries that are checked after each step.</summary>
internal sealed class Example : IAsyncDisposable
{
    private readonly List<(string Key, string[] Tags)> _entries = [];
    private readonly ServiceProvider _services;
    private readonly Func<string, Task> _say;

    public Example(TextWriter output, Action<RuleSetBuilder> rules)
    {
        _say = output.WriteLineAsync;

        // Longest possible window: batched changes wait here until they are flushed, however slow the machine.
        _services = new ServiceCollection()
            .AddUnstale(static options => options.BatchDelay = TimeSpan.FromSeconds(5))
            .AddRules(rules)
            .Services.BuildServiceProvider();
        Cache = _services.GetRequiredService<UnstaleCache>();
        Invalidator = _services.GetRequiredService<IInvalidator>();
        Rules = _services.GetRequiredService<InvalidationRules>();
    }

    public UnstaleCache Cache { get; }

    public IInvalidator Invalidator { get; }

    public InvalidationRules Rules { get; }

    /// <summary>Reads an entry with these tags, so that the cache holds it.</summary>
    public ValueTask<string> HoldAsync(string key, params string[] tags)
    {
        _entries.Add((key, tags));
        return ReadAsync(key, tags);
    }

    /// <summary>Prints the entries that a step removed, and reads them again for the next step.</summary>
    public async Task ShowAsync(string step)
    {
        var gone = _entries.Where(entry => !IsHeld(entry.Key)).ToList();
        var taken = gone.Count == 0 ? "nothing" : string.Join(", ", gone.Select(static entry => entry.Key));
        await SayAsync($"{step}: took {taken}");
        foreach (var (key, tags) in gone)
            await ReadAsync(key, tags);
    }

    public Task SayAsync(string line) => _say($"   {line}");

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private bool IsHeld(string key) => Cache.Explain(key).State == EntryState.Live;

    private ValueTask<string> ReadAsync(string key, string[] tags) =>
        Cache.GetOrCreateAsync(key, key, static (source, _) => ValueTask.FromResult($"what the database says of {source}"), tags: tags);
}
