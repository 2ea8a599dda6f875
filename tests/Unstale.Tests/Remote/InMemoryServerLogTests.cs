using Microsoft.Extensions.Time.Testing;
using Unstale.Log;
using Unstale.Tests.Log;

namespace Unstale.Tests.Remote;

/// <summary>The in-memory server fulfils the contract. Otherwise tests over it would prove nothing.</summary>
public sealed class InMemoryServerLogTests : InvalidationLogContract
{
    private protected override ValueTask<IInvalidationLog> CreateAsync() => new(new InMemoryClient(new InMemoryServer(new FakeTimeProvider())));
}
