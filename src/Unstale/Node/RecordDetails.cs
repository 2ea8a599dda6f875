namespace Unstale.Node;

/// <summary>Reason and trace of a record that has a trace.</summary>
internal sealed record RecordDetails(string? Reason, string Trace);
