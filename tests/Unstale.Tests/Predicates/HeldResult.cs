using Unstale.Horizon;

namespace Unstale.Tests.Predicates;

/// <summary>A value of a query, in memory or still being loaded.</summary>
internal sealed class HeldResult(ModelQuery query, LoadTicket load, string result, string[] names)
{
    public ModelQuery Query => query;

    public LoadTicket Load => load;

    public string Result => result;

    public string[] Names => names;

    public int Delay { get; set; }

    public bool WasLate { get; set; }

    public StampedEntry? Entry { get; set; }
}
