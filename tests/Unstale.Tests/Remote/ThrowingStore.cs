using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Remote;

namespace Unstale.Tests.Remote;

/// <summary>Throws before it returns a task, like an implementation without async methods.</summary>
internal sealed class ThrowingStore : IRemoteStore
{
    /// <summary>Name of the method that throws.</summary>
    public string Throws { get; set; } = string.Empty;

    public ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken) =>
        Answer<RemoteHit?>(null);

    public ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken) =>
        Answer(RemoteReply.Neither with { Lease = new RemoteLease(partition, key, "token", 0) });

    public ValueTask<bool> StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken) => Answer(false);

    public ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken) => Answer(true);

    public async ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) => await Answer(true);

    public async ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) => await Answer(true);

    public ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken) =>
        Answer(default(RemoteSetReply));

    private ValueTask<T> Answer<T>(T answer, [CallerMemberName] string method = "") =>
        method == Throws ? throw new IOException(method) : new(answer);
}

internal static class ThrowingStoreServices
{
    public static void AddKeyed(this IServiceCollection services, IRemoteStore store) => services.AddKeyedSingleton("default", store);
}
