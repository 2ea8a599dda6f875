using System.Runtime.CompilerServices;
using Unstale.Remote;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>Sizes of values of one type that the callers share, in bytes.</summary>
internal static class ValueSize<T>
{
    /// <summary>Whether the size follows from the value, without code of the application.</summary>
    public static bool IsKnown { get; } = typeof(T) == typeof(string) || !RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    /// <summary>Whether a limit in bytes needs a size that the entry cannot compute.</summary>
    public static bool IsNeeded { get; } = ValueCodec<T>.Shared && !IsKnown;

    /// <summary>Returns the size of a value within its entry, and of the object that it refers to, if known.</summary>
    public static long Of(T value) =>
        value is string text ? ObjectSize.Reference + ObjectSize.OfString(text.Length) : ObjectSize.Aligned(Unsafe.SizeOf<T>());
}
