namespace Unstale.Tests.Remote;

/// <summary>Calls of a node to the in-memory server.</summary>
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
    Load,
    Set,
}
