namespace Unstale.Sinks;

/// <summary>Another cache that receives the invalidations of the log: see <see cref="SinkInvalidation"/>.</summary>
public interface IInvalidationSink
{
    /// <summary>
    /// Kinds of names that the sink supports. Must not change during its lifetime. An unsupported name is sent as the next broader supported one.
    /// </summary>
    SinkCapabilities Capabilities { get; }

    /// <summary>
    /// Removes the named entries, or a superset of them. Called with one record at a time, in the order of the log. A call that throws is repeated with
    /// the same names or with everything until it succeeds, so removing entries twice must be harmless.
    /// </summary>
    /// <param name="invalidation">Names to remove, of the kinds in <see cref="Capabilities"/>.</param>
    /// <param name="cancellationToken">Cancelled when the process ends and no longer waits.</param>
    ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken);
}
