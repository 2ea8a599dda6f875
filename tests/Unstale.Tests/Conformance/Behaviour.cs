namespace Unstale.Tests.Conformance;

/// <summary>One behaviour that a caller of HybridCache can observe, with the outcome expected of each implementation.</summary>
internal sealed class Behaviour
{
    private readonly Func<Trial, Task<string>> _body;
    private readonly string _hybridCache;
    private readonly string _unstale;

    private Behaviour(string name, string hybridCache, string unstale, string? reason, Func<Trial, Task<string>> body)
    {
        (Name, _hybridCache, _unstale, Reason, _body) = (name, hybridCache, unstale, reason, body);
    }

    /// <summary>Situation, in a few words.</summary>
    public string Name { get; }

    /// <summary>Reason for the difference, in one sentence; null if both outcomes are the same.</summary>
    public string? Reason { get; }

    /// <summary>A behaviour that both implementations share.</summary>
    public static Behaviour Same(string name, string outcome, Func<Trial, Task<string>> body) => new(name, outcome, outcome, null, body);

    /// <summary>A behaviour in which the implementations differ.</summary>
    public static Behaviour Differs(string name, string hybridCache, string unstale, string because, Func<Trial, Task<string>> body) =>
        new(name, hybridCache, unstale, because, body);

    /// <summary>Outcome expected of an implementation.</summary>
    public string Expected(Implementation implementation) => implementation == Implementation.AddUnstale ? _unstale : _hybridCache;

    /// <summary>Runs the body and returns the observed outcome. An exception that the body does not catch is an outcome too.</summary>
    public async Task<string> ObserveAsync(Trial trial)
    {
        try
        {
            return await _body(trial);
        }
        catch (Exception exception) when (Outcome.IsOne(exception))
        {
            return Outcome.Of(exception);
        }
    }
}
