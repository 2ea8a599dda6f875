namespace Unstale.Loading;

/// <inheritdoc/>
internal sealed class RemoteRead<T> : RemoteRead
{
    /// <summary>Value read from the second level.</summary>
    public T Value { get; set; } = default!;
}
