using System.Runtime.CompilerServices;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Compares values of the model. Only values of types whose equal values are the same in all respects are equal: a converter can distinguish 1.0 and 1.00 or the
/// kinds of a time, and a type of the application can have an equality that the database does not have.
/// </summary>
internal sealed class ExactValues : IEqualityComparer<object>
{
    private const int LongestText = 256;

    public static ExactValues Instance { get; } = new();

    /// <summary>Returns whether equal values of the type are the same in all respects, and never change.</summary>
    public static bool IsExact(object? value) => value switch
    {
        null or Guid => true,
        string text => text.Length <= LongestText,
        _ => Type.GetTypeCode(value.GetType()) is >= TypeCode.Boolean and <= TypeCode.UInt64,
    };

    public new bool Equals(object? x, object? y) => ReferenceEquals(x, y) || (IsExact(x) && object.Equals(x, y));

    public int GetHashCode(object obj) => IsExact(obj) ? obj.GetHashCode() : RuntimeHelpers.GetHashCode(obj);
}
