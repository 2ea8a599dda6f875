using Microsoft.Extensions.Time.Testing;
using Unstale.Log;
using Unstale.Tests.Log;
using Unstale.Tests.Support;

namespace Unstale.Tests.Remote;

/// <summary>The stand-in keeps the contract, or what is tested over it would say nothing.</summary>
public sealed class InMemoryServerLogTests : InvalidationLogContract
{
    protected override ValueTask<IInvalidationLog> CreateAsync() => new(new InMemoryClient(new InMemoryServer(new FakeTimeProvider())));
}
