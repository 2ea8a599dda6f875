using Unstale.Log;

namespace Unstale.Tests.Log;

public sealed class InProcessLogTests : InvalidationLogContract
{
    private protected override ValueTask<IInvalidationLog> CreateAsync() => new(new InProcessLog("contract"));
}
