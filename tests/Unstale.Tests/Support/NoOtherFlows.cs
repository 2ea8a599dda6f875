using Xunit;

namespace Unstale.Tests.Support;

/// <summary>
/// Tests that run alone. While any transaction of the process holds back invalidations, a read inside a completed transaction scope is
/// loaded from the source, because the scope's transaction cannot be determined.
/// </summary>
[CollectionDefinition(nameof(NoOtherFlows), DisableParallelization = true)]
public sealed class NoOtherFlows;
