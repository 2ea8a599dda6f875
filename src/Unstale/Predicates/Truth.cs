namespace Unstale.Predicates;

/// <summary>Result of a condition on a row whose values may be unknown.</summary>
internal enum Truth
{
    False,
    Unknown,
    True,
}
