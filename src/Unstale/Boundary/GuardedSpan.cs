using System.Diagnostics;

namespace Unstale.Boundary;

/// <summary>
/// Must be used for every activity: a span that begins on creation and ends on disposal. If a listener throws, the span or its end is lost. The
/// surrounding activity becomes current again in any case.
/// </summary>
internal readonly struct GuardedSpan : IDisposable
{
    private readonly Activity? _around;

    private GuardedSpan(Activity? activity, Activity? around) => (Activity, _around) = (activity, around);

    /// <summary>Activity of the span; null if no listener samples it.</summary>
    public Activity? Activity { get; }

    /// <param name="source">Source of the activity.</param>
    /// <param name="name">Name of the operation.</param>
    /// <param name="attribute">Name of the span's only attribute.</param>
    /// <param name="value">Value of the attribute.</param>
    /// <param name="links">Related activities. Default: null (none).</param>
    public static GuardedSpan Start(GuardedActivitySource source, string name, string attribute, string value, ActivityLink[]? links = null)
    {
        if (!source.HasListeners)
            return default;
        var around = Activity.Current;
        try
        {
            return new(source.Create(name, links)?.SetTag(attribute, value).Start(), around);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Activity);
            MakeCurrent(around);
            return default;
        }
    }

    /// <summary>Makes the surrounding activity current again for the caller. The span continues.</summary>
    public void Leave()
    {
        if (Activity is not null)
            MakeCurrent(_around);
    }

    /// <summary>Makes an activity the current one. Null: none.</summary>
    public static void MakeCurrent(Activity? activity)
    {
        try
        {
            Activity.Current = activity;
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Activity);
        }
    }

    public void Dispose()
    {
        if (Activity is null)
            return;
        try
        {
            Activity.Dispose();
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Activity);
            MakeCurrent(_around);
        }
    }
}
