using System.Diagnostics;

namespace Unstale.Boundary;

/// <summary>
/// The only way to activities: a span of work that begins when it is made and ends when it is disposed. A listener that throws loses the
/// span, or its end; the activity around it is current again in any case.
/// </summary>
internal readonly struct GuardedSpan : IDisposable
{
    private readonly Activity? _around;

    private GuardedSpan(Activity? activity, Activity? around) => (Activity, _around) = (activity, around);

    /// <summary>Null where nobody samples the span.</summary>
    public Activity? Activity { get; }

    /// <param name="source">The source.</param>
    /// <param name="name">What is done.</param>
    /// <param name="attribute">The name of the span's one attribute.</param>
    /// <param name="value">The attribute.</param>
    /// <param name="links">Activities that the span has to do with. Null: none.</param>
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

    /// <summary>Makes the activity around current again for the caller; the span goes on.</summary>
    public void Leave()
    {
        if (Activity is not null)
            MakeCurrent(_around);
    }

    /// <summary>Makes an activity, or none, the current one.</summary>
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
