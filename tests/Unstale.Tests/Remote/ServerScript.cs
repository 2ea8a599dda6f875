namespace Unstale.Tests.Remote;

/// <summary>What a node can ask the in-memory server to do.</summary>
public enum ServerScript
{
    Append,
    Tail,
    Create,
    Members,
    Get,
    GetOrLease,
    Renew,
    Drop,
    Release,
    Fill,
    Set,
}
