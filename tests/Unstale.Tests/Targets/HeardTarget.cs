using Unstale.Targets;

namespace Unstale.Tests.Targets;

/// <summary>A target that records invalidations. A test can make calls fail or wait.</summary>
internal sealed class HeardTarget(TargetAbilities abilities = TargetAbilities.All) : ICacheTarget
{
    private readonly Lock _gate = new();
    private readonly List<TargetInvalidation> _heard = [];
    private TaskCompletionSource? _gatePost;
    private int _calls;

    public TargetAbilities Abilities => abilities;

    /// <summary>Calls that throw.</summary>
    public Func<TargetInvalidation, bool> Refuses { get; set; } = _ => false;

    /// <summary>Action at the start of each call. May throw.</summary>
    public Action<TargetInvalidation> Throws { get; set; } = _ => { };

    public int Calls => Volatile.Read(ref _calls);

    public IReadOnlyList<TargetInvalidation> Invalidations
    {
        get
        {
            lock (_gate)
                return [.. _heard];
        }
    }

    /// <summary>Successful invalidations as text: <c>key a</c>, <c>tag t</c>, <c>everything</c>.</summary>
    public IReadOnlyList<string> Words => [.. Invalidations.Select(Say)];

    /// <summary>Makes calls wait until released.</summary>
    public void Hold() => Volatile.Write(ref _gatePost, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public void LetGo() => Interlocked.Exchange(ref _gatePost, null)?.TrySetResult();

    public async ValueTask InvalidateAsync(TargetInvalidation invalidation, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Volatile.Read(ref _gatePost) is { } post)
            await post.Task.WaitAsync(cancellationToken);
        Throws(invalidation);
        if (Refuses(invalidation))
            throw new IOException("the target is away");
        lock (_gate)
            _heard.Add(invalidation);
    }

    public static string Say(TargetInvalidation told) => string.Join(", ", new[]
    {
        told.IsEverything ? ["everything"] : [],
        told.Keys.Select(k => $"key {k}"),
        told.Tags.Select(t => $"tag {t}"),
        told.Prefixes.Select(p => $"prefix {p}"),
        told.Patterns.Select(p => $"pattern {p}"),
        told.AllOf.Select(all => $"all of {string.Join('+', all)}"),
    }.SelectMany(words => words));
}
