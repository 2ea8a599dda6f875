using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Rules;
using Unstale.Tests.Log;

namespace Unstale.Tests.Rules;

/// <summary>A cache with rules as registered by an application, and the records of its changes.</summary>
internal sealed class AppliedRules : IAsyncDisposable
{
    private readonly InProcessLog _log = new();
    private readonly RecordingObserver _observer = new();

    public AppliedRules(Action<RuleSetBuilder>? rules = null, Action<UnstaleOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        _ = _log.Open(_observer);
        Test = new CacheUnderTest(configure, s =>
        {
            s.AddKeyedSingleton<IInvalidationLog>("default", _log);
            services?.Invoke(s);
            if (rules is not null)
                s.AddUnstale().AddRules(rules);
        });
    }

    public CacheUnderTest Test { get; }

    public UnstaleCache Cache => Test.Cache;

    public IInvalidator Invalidator => Test.Invalidator;

    /// <summary>Flags, if any, and targets of each record.</summary>
    public string[] Records =>
    [
        .. _observer.Pushes.Select(push => push.Record.Record).Select(record =>
            (record.Flags == RecordFlags.None ? "" : $"[{record.Flags}] ") + string.Join(' ', record.Targets.ToArray().Select(RulesUnderTest.NameOf))),
    ];

    /// <summary>Rule and chain behind each record's targets; empty for targets named in the call.</summary>
    public string[] Via => [.. _observer.Pushes.Select(push => push.Record.Record.Via ?? "")];

    public string?[] Reasons => [.. _observer.Pushes.Select(push => push.Record.Record.Reason)];

    /// <summary>Stores one entry per tag, with the tag as its key.</summary>
    public async Task LoadAsync(params IEnumerable<string> tags)
    {
        foreach (var tag in tags)
            await Cache.GetOrCreateAsync(tag, tag, static (value, _) => new ValueTask<string>(value), tags: [tag]);
    }

    public bool Holds(string key) => Cache.TryGet(key, out string _);

    /// <summary>Returns the keys that are not served.</summary>
    public string[] Gone(params IEnumerable<string> keys) => [.. keys.Where(key => !Holds(key))];

    public void Advance(int milliseconds) => Test.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    public async ValueTask DisposeAsync()
    {
        await Test.DisposeAsync();
        await _log.DisposeAsync();
    }
}
