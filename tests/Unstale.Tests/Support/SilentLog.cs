using Unstale.Log;

namespace Unstale.Tests.Support;

/// <summary>A log shared with other processes, without any reply.</summary>
internal sealed class SilentLog : IInvalidationLog, ILogSession
{
    private static readonly TaskCompletionSource Never = new();

    public string Name => "default";

    public bool IsLocal => false;

    public ILogSession Open(ILogObserver observer) => this;

    public ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken) => NeverAsync<AppendReply>();

    public ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken) => NeverAsync<TailReply>();

    public ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken) => new(Never.Task);

    public ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken) => NeverAsync<LogMembers>();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async ValueTask<T> NeverAsync<T>()
    {
        await Never.Task.ConfigureAwait(false);
        return default!;
    }
}
