using Unstale.Sinks;

namespace Unstale.Tests.Sinks;

/// <summary>A sink that records invalidations. A test can make calls fail or wait.</summary>
internal sealed class RecordingSink(SinkCapabilities capabilities = SinkCapabilities.All) : IInvalidationSink
{
    private readonly Lock _gate = new();
    private readonly List<SinkInvalidation> _received = [];
    private TaskCompletionSource? _gatePost;
    private int _calls;

    public SinkCapabilities Capabilities => capabilities;

    /// <summary>Calls that throw.</summary>
    public Func<SinkInvalidation, bool> Refuses { get; set; } = _ => false;

    /// <summary>Action at the start of each call. May throw.</summary>
    public Action<SinkInvalidation> Throws { get; set; } = _ => { };

    public int Calls => Volatile.Read(ref _calls);

    public IReadOnlyList<SinkInvalidation> Invalidations
    {
        get
        {
            lock (_gate)
                return [.. _received];
        }
    }

    /// <summary>Successful invalidations as text: <c>key a</c>, <c>tag t</c>, <c>everything</c>.</summary>
    public IReadOnlyList<string> Words => [.. Invalidations.Select(Say)];

    /// <summary>Makes calls wait until released.</summary>
    public void Hold() => Volatile.Write(ref _gatePost, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public void LetGo() => Interlocked.Exchange(ref _gatePost, null)?.TrySetResult();

    public async ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Volatile.Read(ref _gatePost) is { } post)
            await post.Task.WaitAsync(cancellationToken);
        Throws(invalidation);
        if (Refuses(invalidation))
            throw new IOException("the sink is away");
        lock (_gate)
            _received.Add(invalidation);
    }

    public static string Say(SinkInvalidation reported) => string.Join(", ", new[]
    {
        reported.IsEverything ? ["everything"] : [],
        reported.Keys.Select(k => $"key {k}"),
        reported.Tags.Select(t => $"tag {t}"),
        reported.Prefixes.Select(p => $"prefix {p}"),
        reported.Patterns.Select(p => $"pattern {p}"),
        reported.AllOf.Select(all => $"all of {string.Join('+', all)}"),
    }.SelectMany(words => words));
}
